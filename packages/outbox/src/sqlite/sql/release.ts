import type { OwnedPartition } from '../../ledger.ts'
import type { Context } from '../context.ts'

/** Gives partitions back that the dispatcher owns under their epochs. */
export function prepareRelease({
  database,
  endpoints,
  versions,
}: Context): (dispatcherId: string, partitions: readonly OwnedPartition[]) => void {
  const release = database.prepare(`
    UPDATE taskhook_partitions SET owner = NULL WHERE endpoint = ? AND partition = ? AND owner = ? AND epoch = ?
  `)
  return (dispatcherId, partitions) => {
    let count = 0
    for (const { endpointId, partition, epoch } of partitions) {
      const endpoint = endpoints.find(endpointId)
      if (endpoint !== undefined) {
        count += Number(release.run(endpoint, partition, dispatcherId, epoch).changes)
      }
    }
    if (count > 0) versions.raiseGeneration()
  }
}
