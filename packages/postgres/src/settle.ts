import type { Settlement } from '@taskhook/outbox'
import { partitionsLock } from './partitions.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/**
 * Writes down attempts and what their deliveries become, many at once; gives back those whose lease was not lost. What is
 * delivered moves to the partition of its time, and the next one of its line is let through.
 */
export function settleFunction(schema: string): string {
  const settlements = `
    SELECT given.n, given.id, given.token, given.state,
      coalesce(given.now, moment) AS now,
      coalesce(given.now, moment) + given.ready_in_ms AS ready_at,
      '{"startedAt":' || coalesce(given.now, moment) - given.started_before_ms || ',' AS attempt_start,
      coalesce('"nextAttemptAt":' || coalesce(given.now, moment) + given.next_attempt_in_ms || ',', '') AS attempt_next,
      substr(given.report, 2) AS attempt_rest
    FROM unnest(settle.ids, settle.tokens, settle.states, settle.now, settle.ready_in_ms, settle.started_before_ms,
      settle.next_attempt_in_ms, settle.reports)
      WITH ORDINALITY AS given (id, token, state, now, ready_in_ms, started_before_ms, next_attempt_in_ms, report, n)
  `
  const isLeased =
    'delivery.id = settlement.id AND delivery.lease_token = settlement.token AND delivery.leased_by IS NOT NULL'
  return `
    CREATE OR REPLACE FUNCTION ${schema}.settle(
      ids text[], tokens bigint[], states text[], now bigint[], ready_in_ms bigint[],
      started_before_ms bigint[], next_attempt_in_ms bigint[], reports text[]
    )
    RETURNS TABLE (n bigint, endpoint_id text, settled_at bigint)
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(NULL);
      endpoint_ids text[];
      ordering_keys text[];
    BEGIN
      IF cardinality(settle.ids) = 0 THEN RETURN; END IF;
      IF 'delivered' = ANY (settle.states) THEN
        PERFORM ${schema}.ensure_partition(ended_at)
        FROM (SELECT DISTINCT coalesce(given, moment) AS ended_at FROM unnest(settle.now) AS given) AS times
        WHERE NOT EXISTS (SELECT FROM ${schema}.delivered_partitions WHERE starts_at <= ended_at AND ended_at < ends_at);
        -- Who makes a partition holds this lock until every session has been told of it, which is a moment after its row is seen.
        PERFORM pg_advisory_xact_lock_shared(${partitionsLock(schema)});
      END IF;

      SELECT array_agg(endpoint_id), array_agg(ordering_key) INTO endpoint_ids, ordering_keys
      FROM ${schema}.deliveries WHERE id = ANY (settle.ids);
      PERFORM ${schema}.lock_lines(endpoint_ids, ordering_keys);

      IF 'delivered' = ANY (settle.states) THEN
        RETURN QUERY
        WITH settlement AS (${settlements}), ended AS (
          DELETE FROM ${schema}.deliveries AS delivery USING settlement
          WHERE ${isLeased} AND settlement.state = 'delivered'
          RETURNING delivery.*, settlement.n, settlement.now, (attempt_start || attempt_rest)::json AS attempt
        ), written AS (
          INSERT INTO ${schema}.delivered (number, id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at,
            lease_token, settled_at, attempts)
          SELECT number, id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at,
            lease_token, now, attempts || attempt
          FROM ended
        )
        SELECT n, endpoint_id, now FROM ended;
      END IF;

      IF 'delivered' <> ANY (settle.states) THEN
        RETURN QUERY
        WITH settlement AS (${settlements})
        UPDATE ${schema}.deliveries AS delivery
        SET state = becomes.state,
          place = CASE WHEN becomes.state = 'pending' THEN 'head' END,
          ready_at = CASE WHEN becomes.state = 'pending' THEN settlement.ready_at END,
          settled_at = CASE WHEN becomes.state <> 'pending' THEN settlement.now END,
          cancel_requested = false,
          leased_by = NULL,
          tries = tries + 1,
          attempts = attempts || (
            attempt_start || CASE WHEN becomes.state = 'pending' THEN attempt_next ELSE '' END || attempt_rest
          )::json
        FROM settlement
        WHERE ${isLeased} AND settlement.state <> 'delivered'
        RETURNING settlement.n, delivery.endpoint_id, settlement.now;
      END IF;

      PERFORM ${schema}.promote(endpoint_ids, ordering_keys);
    END $$;
  `.replaceAll(
    'becomes.state',
    `CASE WHEN delivery.cancel_requested THEN 'canceled' ELSE settlement.state END`,
  )
}

/** The call of {@link settleFunction}. */
export function selectSettled(
  schema: string,
  settlements: readonly Settlement[],
  { now, parameter }: { now: Now; parameter: (value: unknown) => string },
): string {
  const values = [
    settlements.map(({ lease }) => lease.id),
    settlements.map(({ lease }) => lease.token),
    settlements.map(({ state }) => state),
    settlements.map((settlement) => now(settlement.now)),
    settlements.map(({ readyAt, now: given }) => (readyAt === undefined ? null : readyAt - given)),
    settlements.map(({ attempt, now: given }) => given - attempt.startedAt),
    settlements.map(({ attempt, now: given }) =>
      attempt.nextAttemptAt === undefined ? null : attempt.nextAttemptAt - given,
    ),
    settlements.map(({ attempt }) => toReport(attempt)),
  ]
  return `SELECT n, endpoint_id, settled_at FROM ${schema}.settle(${values.map(parameter).join(', ')})`
}

/**
 * Everything about an attempt but its times, which are the database's. In JSON there is no NUL and no lone surrogate, which
 * PostgreSQL cannot store.
 */
function toReport(attempt: Settlement['attempt']): string {
  return JSON.stringify({ ...attempt, startedAt: undefined, nextAttemptAt: undefined })
}
