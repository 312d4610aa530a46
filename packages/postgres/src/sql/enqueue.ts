import { type Acceptance, type NewDelivery, partitionOf } from '@taskhook/outbox/ledger'
import type { Row } from '../connection/postgres-client.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { partitionCount } from '../partition-count.ts'

/**
 * Accepts deliveries, all or none: it inserts and looks at nothing else, so it waits for nothing but another transaction that inserts the same
 * idempotency key, and holds up none. Returns those that are repeated.
 */
export function enqueueFunctions(schema: string): string {
  const parameters = `
    ids text[], endpoint_ids text[], partitions smallint[], ordering_keys text[], types text[], payloads text[], contexts text[],
    idempotency_keys text[], waits_in_ms bigint[], given_now bigint
  `
  const names = parameters.replaceAll(/ (text|smallint|bigint)(\[\])?/g, '')
  return `
    CREATE OR REPLACE FUNCTION ${schema}.enqueue(${parameters}, sender text, patience_in_ms integer)
    RETURNS TABLE (n bigint, first_id text)
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
      key_count integer := cardinality(array_remove(enqueue.idempotency_keys, NULL));
      repeated_count integer;
      fresh bigint[] := '{}';
    BEGIN
      IF patience_in_ms IS NOT NULL THEN PERFORM set_config('lock_timeout', patience_in_ms::text, true); END IF;
      IF key_count > 0 THEN
        -- In the order of the keys, so that two that insert the same ones wait for each other and not both.
        WITH kept AS (
          INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
          SELECT endpoint_id, key, id
          FROM unnest(enqueue.ids, enqueue.endpoint_ids, enqueue.idempotency_keys)
            WITH ORDINALITY AS given (id, endpoint_id, key, n)
          WHERE key IS NOT NULL
          ORDER BY endpoint_id, key, n
          ON CONFLICT DO NOTHING
          RETURNING endpoint_id, idempotency_key
        )
        SELECT coalesce(array_agg(first_n), '{}') INTO fresh FROM (
          SELECT min(n) AS first_n
          FROM unnest(enqueue.endpoint_ids, enqueue.idempotency_keys) WITH ORDINALITY AS given (endpoint_id, key, n)
          JOIN kept ON kept.endpoint_id = given.endpoint_id AND kept.idempotency_key = given.key
          GROUP BY given.endpoint_id, given.key
        ) AS firsts;
      END IF;

      INSERT INTO ${schema}.deliveries (id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key,
        accepted_at, ready_at, wait_in_ms)
      SELECT id, endpoint_id, partition, ordering_key, type, payload, context, key,
        moment, CASE WHEN wait_in_ms > 0 THEN moment + wait_in_ms END, wait_in_ms
      FROM unnest(enqueue.ids, enqueue.endpoint_ids, enqueue.partitions, enqueue.ordering_keys, enqueue.types, enqueue.payloads,
        enqueue.contexts, enqueue.idempotency_keys, enqueue.waits_in_ms)
        WITH ORDINALITY AS given (id, endpoint_id, partition, ordering_key, type, payload, context, key, wait_in_ms, n)
      WHERE key IS NULL OR n = ANY (fresh)
      ORDER BY n;
      IF FOUND THEN PERFORM ${schema}.notify_dispatchers(enqueue.sender); END IF;

      -- Not read without need: in a SERIALIZABLE transaction, what is read conflicts with what others insert beside it.
      IF cardinality(fresh) < key_count THEN
        RETURN QUERY
        SELECT given.n, known.delivery_id
        FROM unnest(enqueue.endpoint_ids, enqueue.idempotency_keys) WITH ORDINALITY AS given (endpoint_id, key, n)
        JOIN ${schema}.idempotency_keys AS known
          ON known.endpoint_id = given.endpoint_id AND known.idempotency_key = given.key
        WHERE key IS NOT NULL AND n <> ALL (fresh);
        GET DIAGNOSTICS repeated_count = ROW_COUNT;
        IF repeated_count + cardinality(fresh) < key_count THEN
          RAISE 'an idempotency key was forgotten at this moment' USING ERRCODE = 'serialization_failure';
        END IF;
      END IF;
    END $$;

    -- The same in a transaction of the application, which is left as it was when something is wrong: an error would end it.
    CREATE OR REPLACE FUNCTION ${schema}.enqueue_within(ledger_id uuid, ${parameters})
    RETURNS TABLE (n bigint, first_id text, problem text)
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      problem := CASE
        WHEN NOT EXISTS (SELECT FROM ${schema}.ledger WHERE id = enqueue_within.ledger_id) THEN 'other_ledger'
        WHEN current_setting('synchronous_commit') = 'off' THEN 'not_durable'
      END;
      IF problem IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
      END IF;
      RETURN QUERY
      SELECT repeated.n, repeated.first_id, NULL FROM ${schema}.enqueue(${names}, '', NULL) AS repeated;
    EXCEPTION
      WHEN unique_violation THEN
        problem := 'known_id';
        RETURN NEXT;
    END $$;
  `
}

/** Deliveries as the functions take them, and the time. */
export function toColumns(deliveries: readonly NewDelivery[], now: number | null): unknown[] {
  return [
    deliveries.map(({ id }) => id),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ orderingKey }) => partitionOf(orderingKey, partitionCount)),
    deliveries.map(({ orderingKey }) => orderingKey),
    deliveries.map(({ type }) => type),
    deliveries.map(({ payload }) => payload),
    deliveries.map(({ context }) => context ?? null),
    deliveries.map(({ idempotencyKey }) => idempotencyKey ?? null),
    deliveries.map(({ delayInMs = 0 }) => Math.ceil(delayInMs)),
    now,
  ]
}

/** What the functions answer, for all deliveries. */
export function toAcceptances(deliveries: readonly NewDelivery[], repeated: readonly Row[]): Acceptance[] {
  const firstIds = new Map(repeated.map((row) => [Number(row['n']), String(row['first_id'])]))
  return deliveries.map(({ id }, index) => {
    const firstId = firstIds.get(index + 1)
    return { id: firstId ?? id, isRepeat: firstId !== undefined }
  })
}

/** Accepts deliveries of many callers, all or none, and waits so long for a transaction that holds a key of theirs. */
export function prepareEnqueue({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (
  groups: readonly (readonly NewDelivery[])[],
  patienceInMs: number,
) => Promise<Acceptance[][]> {
  const text = `SELECT n, first_id FROM ${schema}.enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
  return async (groups, patienceInMs) => {
    const deliveries = groups.flat()
    if (deliveries.length === 0) return groups.map(() => [])
    const repeated = await query(text, [...toColumns(deliveries, now()), sender, patienceInMs])
    const acceptances = toAcceptances(deliveries, repeated)
    let start = 0
    return groups.map(({ length }) => acceptances.slice(start, (start += length)))
  }
}
