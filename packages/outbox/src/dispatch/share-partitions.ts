import type { LiveDispatcher } from '../ledger.ts'

/**
 * The partitions of an endpoint that are a dispatcher's share: as even as they can be among all dispatchers that deliver to it. Every
 * dispatcher computes the same from the same list, so none has to ask another.
 */
export function sharePartitions(
  { dispatcherId, endpointId, partitionCount }: Share,
  dispatchers: readonly Pick<LiveDispatcher, 'id' | 'endpointIds'>[],
): Set<number> {
  const members = dispatchers
    .filter(({ endpointIds }) => endpointIds.includes(endpointId))
    .map(({ id }) => id)
    .toSorted()
  const place = members.indexOf(dispatcherId)
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition)
  return new Set(partitions.filter((partition) => place >= 0 && partition % members.length === place))
}

interface Share {
  dispatcherId: string
  endpointId: string
  partitionCount: number
}
