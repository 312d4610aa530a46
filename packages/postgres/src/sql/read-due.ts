import { type DueRead, type DueRequest, toReadDelivery } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { indexRange, maxNumber } from './index-range.ts'
import { readColumns, selectColumns } from './read-columns.ts'

/**
 * Reads deliveries that have a time and are due, longest due first, from a position on; when these are all, one more row says when the next
 * one falls due.
 *
 * Those too that wait behind others of their ordering key, which the caller leaves out: thousands of one ordering key may have a time that is
 * over, and a read looks at a bounded number of them.
 */
export function readDueFunction(schema: string): string {
  const columns = ['endpoint_id', 'ready_at', 'number']
  const endpoint = 'read_due.endpoint_id'
  const isWaiting = `
    delivery.state = 'pending' AND delivery.ready_at IS NOT NULL AND delivery.partition = ANY (read_due.partitions)
  `
  const due = indexRange('delivery', columns, {
    after: [endpoint, 'read_due.after_ready_at', 'read_due.after_number'],
    upTo: [endpoint, 'moment', maxNumber],
  })
  const later = indexRange('delivery', columns, {
    after: [endpoint, 'moment', maxNumber],
    upTo: [endpoint, maxNumber, maxNumber],
  })
  return `
    CREATE OR REPLACE FUNCTION ${schema}.read_due(
      endpoint_id text, partitions smallint[], after_ready_at bigint, after_number bigint, count integer, given_now bigint
    )
    RETURNS TABLE ("nextReadyAt" bigint, ${readColumns})
    LANGUAGE plpgsql STABLE ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
      found_count integer;
    BEGIN
      RETURN QUERY
      SELECT NULL::bigint, ${selectColumns(schema)}
      FROM ${schema}.deliveries AS delivery
      WHERE ${isWaiting} AND ${due.where}
      ORDER BY ${due.order}
      LIMIT read_due.count;

      GET DIAGNOSTICS found_count = ROW_COUNT;
      IF found_count = read_due.count THEN RETURN; END IF;
      SELECT delivery.ready_at INTO "nextReadyAt"
      FROM ${schema}.deliveries AS delivery
      WHERE ${isWaiting} AND ${later.where}
      ORDER BY ${later.order}
      LIMIT 1;
      now := moment;
      RETURN NEXT;
    END $$;
  `
}

/** Reads what is due, see {@link readDueFunction}. */
export function prepareReadDue({
  database: { schema, query },
  now,
}: LedgerContext): (request: DueRequest) => Promise<DueRead> {
  const text = `SELECT * FROM ${schema}.read_due($1, $2, $3, $4, $5, $6)`
  return async ({ endpointId, partitions, after, limit }) => {
    const { readyAt, number } = after ?? { readyAt: Number.MIN_SAFE_INTEGER, number: 0 }
    const rows = await query(text, [endpointId, partitions, readyAt, number, limit, now()])
    const end = rows.length > 0 && rows.at(-1)!['number'] === null ? rows.pop() : undefined
    const last = rows.at(-1)
    const nextReadyAt = end?.['nextReadyAt'] ?? null
    return {
      deliveries: rows
        .filter((row) => row['isHead'] === true)
        .map((row) => toReadDelivery(row, Number(row['now']))),
      position:
        last === undefined ? after : { readyAt: Number(last['readyAt']), number: Number(last['number']) },
      isEnd: end !== undefined,
      ...(nextReadyAt !== null && { nextInMs: Number(nextReadyAt) - Number(end!['now']) }),
    }
  }
}
