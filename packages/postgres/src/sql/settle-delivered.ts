import type { SettleAnswer, Settlement } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { daysLock } from '../schema/delivered-days.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { insertDelivered } from './insert-delivered.ts'
import { toCommonColumns } from './settlement-columns.ts'

/** How long a settlement waits for a row that others hold, when it writes all rows or none. */
export const fastPatienceInMs = 100

/**
 * Writes down attempts that all delivered, as `settle` does: nearly every group of settlements is such a one. Most of what a group costs is
 * not its rows, so this is one statement with few arguments, and answers with one value: the time, and the numbers of those that are lost.
 *
 * NULL when nothing was written, since the day of `delivered` is still to be made: what makes it needs the lock for itself.
 */
export function settleDeliveredFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.settle_delivered(
      dispatcher_id text, partitions smallint[], epochs bigint[], numbers bigint[], tries integer[], started_ago_in_ms bigint[], statuses integer[],
      error_codes text[], reports text, given_now bigint
    )
    RETURNS bigint[]
    LANGUAGE plpgsql ${queueSettings} SET lock_timeout = '${fastPatienceInMs}ms' AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
      is_day boolean;
      written bigint[];
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(${schema}.membership_lock(settle_delivered.dispatcher_id)),
        -- What makes a day holds this lock until every session has been told of it, which is a moment after its row is seen.
        pg_advisory_xact_lock_shared(${daysLock(schema)});

      WITH day AS MATERIALIZED (
        SELECT EXISTS (SELECT FROM ${schema}.delivered_days WHERE starts_at <= moment AND moment < ends_at) AS is_there
      ), ended AS (
        DELETE FROM ${schema}.deliveries AS delivery
        USING unnest(settle_delivered.partitions, settle_delivered.epochs, settle_delivered.numbers, settle_delivered.tries, settle_delivered.started_ago_in_ms,
          settle_delivered.statuses, settle_delivered.error_codes, string_to_array(settle_delivered.reports, E'\\n'))
          AS given (partition, epoch, number, tries, started_ago_in_ms, status, error_code, report)
        WHERE (SELECT is_there FROM day)
          AND delivery.number = given.number AND delivery.partition = given.partition AND delivery.tries = given.tries
          AND delivery.state IN ('pending', 'canceled')
          -- Not a join: of a join, statistics decide whether it is one probe for each or all partitions for each.
          AND (
            SELECT owned.owner = settle_delivered.dispatcher_id AND owned.epoch = given.epoch FROM ${schema}.partitions AS owned
            WHERE owned.endpoint_id = delivery.endpoint_id AND owned.partition = delivery.partition
          )
        RETURNING delivery.*, given.status, given.error_code, delivery.attempts || CASE WHEN delivery.attempts = '' THEN '' ELSE ',' END
          || '{"startedAt":' || moment - given.started_ago_in_ms || ',' || given.report AS all_attempts
      ), moved AS (
        ${insertDelivered(schema)}
        RETURNING number
      )
      SELECT (SELECT is_there FROM day), array_agg(number) INTO is_day, written FROM moved;

      IF NOT is_day THEN RETURN NULL; END IF;
      IF cardinality(written) = cardinality(settle_delivered.numbers) THEN RETURN ARRAY[moment]; END IF;
      RETURN moment || ARRAY(SELECT unnest(settle_delivered.numbers) EXCEPT ALL SELECT unnest(written));
    END $$;
  `
}

/** What came of a group, see {@link prepareSettleDelivered}. */
export interface SettledDelivered {
  answers: SettleAnswer[]
  settledAt: number
}

/** Writes down attempts, see {@link settleDeliveredFunction}. `undefined`: nothing is written, and `settle` has to do it. */
export function prepareSettleDelivered({
  database: { schema, query },
  now,
}: LedgerContext): (
  dispatcherId: string,
  settlements: readonly Settlement[],
) => Promise<SettledDelivered | undefined> {
  const text = `SELECT ${schema}.settle_delivered($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS settled`
  return async (dispatcherId, settlements) => {
    if (settlements.some(({ state }) => state !== 'delivered')) return undefined
    const { partitions, epochs, numbers, tries, startedAgo, statuses, errorCodes, reports } =
      toCommonColumns(settlements)
    const values = [
      dispatcherId,
      partitions,
      epochs,
      numbers,
      tries,
      startedAgo,
      statuses,
      errorCodes,
      reports,
      now(),
    ]
    const [row] = await query(text, values)
    const settled = row?.['settled'] as readonly string[] | null
    if (settled === null) return undefined
    const [settledAt, ...lost] = settled.map(Number)
    return { settledAt: settledAt!, answers: answer(settlements, lost) }
  }
}

function answer(settlements: readonly Settlement[], lost: readonly number[]): SettleAnswer[] {
  if (lost.length === 0) return settlements.map(() => 'delivered')
  const left = new Set(lost)
  return settlements.map(({ number }) => (left.delete(number) ? 'lost' : 'delivered'))
}
