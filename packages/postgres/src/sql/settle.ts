import { heldWaitInMs, type SettleAnswer, type Settlement } from '@taskhook/outbox/ledger'
import { isLockTimeout } from '../connection/postgres-error.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { daysLock } from '../schema/delivered-days.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { insertDelivered } from './insert-delivered.ts'
import { fastPatienceInMs, prepareSettleDelivered } from './settle-delivered.ts'
import { toColumns } from './settlement-columns.ts'

/**
 * Writes attempts and the new states of their deliveries, many in one commit. It returns those that it wrote or found
 * locked. A delivered row moves to the partition of its day. It waits for locks as long as it is told. In careful mode,
 * it skips the rows that others hold and reports them, and does not wait.
 */
export function settleFunction(schema: string): string {
  // With the ownership of its partition looked up for each: it is one probe, in memory.
  const settlements = `
    SELECT given.*, '{"startedAt":' || moment - given.started_ago_in_ms || ',' AS attempt_start
    FROM unnest(settle.endpoint_ids, settle.partitions, settle.epochs, settle.numbers, settle.tries, settle.states,
      settle.retries_in_ms, settle.started_ago_in_ms, settle.statuses, settle.error_codes, string_to_array(settle.reports, E'\\n'),
      settle.are_gone)
      WITH ORDINALITY AS given (endpoint_id, partition, epoch, number, tries, state, retry_in_ms, started_ago_in_ms, status,
        error_code, report, is_gone, n)
    JOIN ${schema}.partitions AS owned
      ON owned.endpoint_id = given.endpoint_id AND owned.partition = given.partition
        AND owned.owner = settle.dispatcher_id AND owned.epoch = given.epoch
  `
  const isSettled = `
    delivery.number = settlement.number AND delivery.endpoint_id = settlement.endpoint_id
      AND delivery.partition = settlement.partition AND delivery.tries = settlement.tries
      AND delivery.state IN ('pending', 'canceled')
  `
  const isFree = '(NOT is_careful OR delivery.number = ANY (free))'
  const attempts = `
    delivery.attempts || CASE WHEN delivery.attempts = '' THEN '' ELSE ',' END || settlement.attempt_start
  `
  return `
    CREATE OR REPLACE FUNCTION ${schema}.settle(
      dispatcher_id text, endpoint_ids text[], partitions smallint[], epochs bigint[], numbers bigint[], tries integer[],
      states text[], retries_in_ms bigint[], started_ago_in_ms bigint[], statuses integer[], error_codes text[], reports text,
      are_gone boolean[], patience_in_ms integer, is_careful boolean, given_now bigint, sender text
    )
    RETURNS TABLE (n bigint, answer text, settled_at bigint)
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
      free bigint[] := settle.numbers;
      gone text[];
    BEGIN
      PERFORM set_config('lock_timeout', settle.patience_in_ms::text, true);
      PERFORM pg_advisory_xact_lock_shared(${schema}.membership_lock(settle.dispatcher_id));

      IF is_careful THEN
        SELECT coalesce(array_agg(number), '{}') INTO free FROM (
          SELECT number FROM ${schema}.deliveries WHERE number = ANY (settle.numbers) FOR UPDATE SKIP LOCKED
        ) AS mine;
        RETURN QUERY
        WITH settlement AS (${settlements})
        SELECT settlement.n, 'locked', NULL::bigint
        FROM settlement JOIN ${schema}.deliveries AS delivery ON ${isSettled}
        WHERE delivery.number <> ALL (free);
      END IF;

      IF true = ANY (settle.are_gone) THEN
        WITH settlement AS (${settlements})
        SELECT array_agg(DISTINCT delivery.endpoint_id) INTO gone
        FROM settlement JOIN ${schema}.deliveries AS delivery ON ${isSettled}
        WHERE settlement.is_gone AND ${isFree};
      END IF;

      IF 'delivered' = ANY (settle.states) THEN
        IF NOT EXISTS (SELECT FROM ${schema}.delivered_days WHERE starts_at <= moment AND moment < ends_at) THEN
          PERFORM ${schema}.ensure_day(moment);
        END IF;
        -- What makes a day holds this lock until every session has been told of it, which is a moment after its row is seen.
        PERFORM pg_advisory_xact_lock_shared(${daysLock(schema)});

        RETURN QUERY
        WITH settlement AS (${settlements}), ended AS (
          DELETE FROM ${schema}.deliveries AS delivery USING settlement
          WHERE ${isSettled} AND settlement.state = 'delivered' AND ${isFree}
          RETURNING delivery.*, settlement.n, settlement.status, settlement.error_code,
            ${attempts} || settlement.report AS all_attempts
        ), written AS (
          ${insertDelivered(schema)}
        )
        SELECT ended.n, 'delivered', moment FROM ended;
      END IF;

      IF 'delivered' <> ANY (settle.states) THEN
        RETURN QUERY
        WITH settlement AS (${settlements})
        UPDATE ${schema}.deliveries AS delivery
        SET state = becomes.state,
          ready_at = CASE WHEN becomes.state = 'pending' THEN moment + settlement.retry_in_ms END,
          wait_in_ms = CASE WHEN becomes.state = 'pending' THEN settlement.retry_in_ms ELSE 0 END,
          settled_at = CASE WHEN becomes.state <> 'pending' THEN coalesce(delivery.settled_at, moment) END,
          tries = delivery.tries + 1,
          attempt_count = delivery.attempt_count + 1,
          last_status = settlement.status,
          last_error_code = settlement.error_code,
          attempts = ${attempts}
            || CASE WHEN becomes.state = 'pending' AND settlement.retry_in_ms < ${heldWaitInMs} THEN '"nextAttemptAt":' || moment + settlement.retry_in_ms || ',' ELSE '' END
            || settlement.report
        FROM settlement
        WHERE ${isSettled} AND settlement.state <> 'delivered' AND ${isFree}
        RETURNING settlement.n, delivery.state, moment;
      END IF;

      IF gone IS NOT NULL THEN PERFORM ${schema}.pause(gone, 'gone', moment, settle.sender); END IF;
    END $$;
  `.replaceAll(
    'becomes.state',
    `CASE WHEN delivery.state = 'canceled' THEN 'canceled' ELSE settlement.state END`,
  )
}

const patienceInMs = 10_000
// After a row was found locked. Its owner will try again and again, and a careful look costs less than waiting for it.
const carefulForInMs = 5000

/** Writes down attempts, see {@link settleFunction}; tells what was written, and when. */
export function prepareSettle(
  context: LedgerContext,
  note: (endpointId: string, isSuccess: boolean, at: number) => void,
): (dispatcherId: string, settlements: readonly Settlement[]) => Promise<SettleAnswer[]> {
  const { database, now, sender } = context
  const { schema, query } = database
  const text = `
    SELECT * FROM ${schema}.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
  `
  const settleDelivered = prepareSettleDelivered(context)
  let carefulUntil = 0

  async function writeFast(
    dispatcherId: string,
    settlements: readonly Settlement[],
  ): Promise<SettleAnswer[]> {
    const written = await settleDelivered(dispatcherId, settlements)
    if (written === undefined) return write(dispatcherId, settlements, false)
    for (const [index, { endpointId }] of settlements.entries()) {
      if (written.answers[index] === 'delivered') note(endpointId, true, written.settledAt)
    }
    return written.answers
  }

  async function write(
    dispatcherId: string,
    settlements: readonly Settlement[],
    isCareful: boolean,
  ): Promise<SettleAnswer[]> {
    const answers: SettleAnswer[] = settlements.map(() => 'lost')
    const rows = await query(text, [
      dispatcherId,
      ...toColumns(settlements),
      isCareful ? patienceInMs : fastPatienceInMs,
      isCareful,
      now(),
      sender,
    ])
    for (const row of rows) {
      const index = Number(row['n']) - 1
      const answer = row['answer'] as SettleAnswer
      const isHeld = answer === 'pending' && settlements[index]!.state === 'held'
      answers[index] = isHeld ? 'held' : answer
      if (row['settled_at'] === null) continue
      const { endpointId, attempt } = settlements[index]!
      note(endpointId, attempt.outcome === 'delivered', Number(row['settled_at']))
    }
    return answers
  }

  return async (dispatcherId, settlements) => {
    if (settlements.length === 0) return []
    if (performance.now() >= carefulUntil) {
      try {
        return await writeFast(dispatcherId, settlements)
      } catch (error) {
        if (!isLockTimeout(error)) throw error
      }
    }
    const answers = await write(dispatcherId, settlements, true)
    if (answers.includes('locked')) carefulUntil = performance.now() + carefulForInMs
    return answers
  }
}
