import type { OwnedPartition, PartitionKey } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/** Takes the partitions that are free. A new owner raises the epoch. */
export function acquireFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.acquire(dispatcher_id text, endpoint_ids text[], partitions smallint[])
    RETURNS TABLE (endpoint_id text, partition smallint, epoch bigint)
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    BEGIN
      -- It cannot be buried meanwhile: then it would own what no bury takes from it.
      PERFORM FROM ${schema}.dispatchers WHERE id = acquire.dispatcher_id FOR KEY SHARE;
      IF NOT FOUND THEN RETURN; END IF;
      RETURN QUERY
      INSERT INTO ${schema}.partitions AS known (endpoint_id, partition, owner, epoch)
      SELECT DISTINCT wanted.endpoint_id, wanted.partition, acquire.dispatcher_id, 1::bigint
      FROM unnest(acquire.endpoint_ids, acquire.partitions) AS wanted (endpoint_id, partition)
      ORDER BY wanted.endpoint_id, wanted.partition
      ON CONFLICT ON CONSTRAINT partitions_pkey DO UPDATE
      SET owner = excluded.owner, epoch = known.epoch + CASE WHEN known.owner IS NULL THEN 1 ELSE 0 END
      WHERE known.owner IS NULL OR known.owner = excluded.owner
      RETURNING known.endpoint_id, known.partition, known.epoch;
    END $$;
  `
}

/** Takes partitions, see {@link acquireFunction}. */
export function prepareAcquire({
  database: { schema, query },
}: LedgerContext): (dispatcherId: string, wanted: readonly PartitionKey[]) => Promise<OwnedPartition[]> {
  const text = `SELECT * FROM ${schema}.acquire($1, $2, $3)`
  return async (dispatcherId, wanted) => {
    const rows = await query(text, [
      dispatcherId,
      wanted.map(({ endpointId }) => endpointId),
      wanted.map(({ partition }) => partition),
    ])
    return rows.map((row) => ({
      endpointId: String(row['endpoint_id']),
      partition: Number(row['partition']),
      epoch: Number(row['epoch']),
    }))
  }
}
