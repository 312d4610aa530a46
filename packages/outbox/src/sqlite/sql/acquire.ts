import type { OwnedPartition, PartitionKey } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Takes partitions that are free, under a higher epoch each; one that the dispatcher owns already stays as it is. */
export function prepareAcquire({
  database,
  endpoints,
}: Context): (dispatcherId: string, wanted: readonly PartitionKey[]) => OwnedPartition[] {
  const findDispatcher = database.prepare('SELECT 1 FROM taskhook_dispatchers WHERE id = ?')
  // No parameter has a number: Node.js 22.13 binds nothing to `?1`.
  const acquire = database.prepare(`
    INSERT INTO taskhook_partitions (endpoint, partition, owner, epoch) VALUES (?, ?, ?, 1)
    ON CONFLICT (endpoint, partition) DO UPDATE SET owner = excluded.owner, epoch = epoch + (owner IS NULL)
      WHERE owner IS NULL OR owner = excluded.owner
    RETURNING epoch
  `)
  return (dispatcherId, wanted) => {
    if (findDispatcher.get(dispatcherId) === undefined) return []
    return wanted.flatMap(({ endpointId, partition }) => {
      const row = acquire.get(endpoints.give(endpointId), partition, dispatcherId)
      return row === undefined ? [] : [{ endpointId, partition, epoch: Number(row['epoch']) }]
    })
  }
}
