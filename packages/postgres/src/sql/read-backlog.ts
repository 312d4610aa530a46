import { type BacklogRequest, type ReadDelivery, toReadDelivery } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { indexRange, maxNumber } from './index-range.ts'
import { readColumns, selectColumns } from './read-columns.ts'

/** Reads pending deliveries of one endpoint's partitions after a number, in the order of numbers. */
export function readBacklogFunction(schema: string): string {
  const backlog = indexRange('delivery', ['endpoint_id', 'number'], {
    after: ['read_backlog.endpoint_id', 'read_backlog.after'],
    upTo: ['read_backlog.endpoint_id', maxNumber],
  })
  return `
    CREATE OR REPLACE FUNCTION ${schema}.read_backlog(
      endpoint_id text, partitions smallint[], after bigint, count integer, given_now bigint
    )
    RETURNS TABLE (${readColumns})
    LANGUAGE plpgsql STABLE ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
    BEGIN
      RETURN QUERY
      SELECT ${selectColumns(schema)}
      FROM ${schema}.deliveries AS delivery
      WHERE delivery.state = 'pending' AND ${backlog.where}
        AND delivery.partition = ANY (read_backlog.partitions)
      ORDER BY ${backlog.order}
      LIMIT read_backlog.count;
    END $$;
  `
}

/** Reads a backlog, see {@link readBacklogFunction}. */
export function prepareReadBacklog({
  database: { schema, query },
  now,
}: LedgerContext): (request: BacklogRequest) => Promise<ReadDelivery[]> {
  const text = `SELECT * FROM ${schema}.read_backlog($1, $2, $3, $4, $5)`
  return async ({ endpointId, partitions, after, limit }) => {
    const rows = await query(text, [endpointId, partitions, after, limit, now()])
    return rows.map((row) => toReadDelivery(row, Number(row['now'])))
  }
}
