import { type LineRequest, type ReadDelivery, toReadDelivery } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { indexRange, maxNumber } from './index-range.ts'
import { readColumns, selectColumns } from './read-columns.ts'

/** Reads the pending deliveries of ordering keys, each in the order of numbers; `n` says for which request, from 1 on. */
export function readLinesFunction(schema: string): string {
  const rest = indexRange('delivery', ['ordering_key', 'endpoint_id', 'number'], {
    after: ['line.ordering_key', 'line.endpoint_id', 'line.after'],
    upTo: ['line.ordering_key', 'line.endpoint_id', maxNumber],
  })
  return `
    CREATE OR REPLACE FUNCTION ${schema}.read_lines(
      endpoint_ids text[], ordering_keys text[], afters bigint[], counts integer[], given_now bigint
    )
    RETURNS TABLE (n bigint, ${readColumns})
    LANGUAGE plpgsql STABLE ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
    BEGIN
      RETURN QUERY
      SELECT line.n, delivery.*
      FROM unnest(read_lines.endpoint_ids, read_lines.ordering_keys, read_lines.afters, read_lines.counts)
        WITH ORDINALITY AS line (endpoint_id, ordering_key, after, count, n)
      CROSS JOIN LATERAL (
        SELECT ${selectColumns(schema)}
        FROM ${schema}.deliveries AS delivery
        WHERE delivery.state = 'pending' AND ${rest.where}
        ORDER BY ${rest.order} LIMIT line.count
      ) AS delivery;
    END $$;
  `
}

/** Reads lines, see {@link readLinesFunction}. */
export function prepareReadLines({
  database: { schema, query },
  now,
}: LedgerContext): (requests: readonly LineRequest[]) => Promise<ReadDelivery[][]> {
  const text = `SELECT * FROM ${schema}.read_lines($1, $2, $3, $4, $5)`
  return async (requests) => {
    const lines: ReadDelivery[][] = requests.map(() => [])
    const rows = await query(text, [
      requests.map(({ endpointId }) => endpointId),
      requests.map(({ orderingKey }) => orderingKey),
      requests.map(({ after }) => after),
      requests.map(({ limit }) => limit),
      now(),
    ])
    for (const row of rows) lines[Number(row['n']) - 1]!.push(toReadDelivery(row, Number(row['now'])))
    for (const line of lines) line.sort((one, other) => one.number - other.number)
    return lines
  }
}
