import { expect } from 'vitest'
import type {
  DueRead,
  Ledger,
  OwnedPartition,
  PartitionKey,
  ReadDelivery,
  SettleAnswer,
  Settlement,
} from '../ledger.ts'

/** A dispatcher as the tests of a ledger play it: it owns partitions, and reads and settles what is in them when it is told. */
export interface TestDispatcher {
  readonly id: string
  /** What it owns, as far as it knows. */
  owned: OwnedPartition[]
  /** Takes what is free of all partitions of its endpoints, or of those given; those that it got. */
  acquire(wanted?: readonly PartitionKey[]): Promise<OwnedPartition[]>
  /** What is pending in its partitions of an endpoint. */
  readBacklog(given?: { endpointId?: string; after?: number; limit?: number }): Promise<ReadDelivery[]>
  /** What of it may be attempted at once: heads that wait for nothing. */
  readReady(endpointId?: string): Promise<ReadDelivery[]>
  /** The only one of {@link readReady}. */
  readOne(endpointId?: string): Promise<ReadDelivery>
  /** What is due in its partitions. */
  readDue(given?: { endpointId?: string; after?: DueRead['position']; limit?: number }): Promise<DueRead>
  /** Settles as delivered unless a test says otherwise; under the epoch that it knows. */
  settle(delivery: ReadDelivery, given?: Partial<Settlement>): Promise<SettleAnswer>
  /** What {@link settle} hands over. */
  toSettlement(delivery: ReadDelivery, given?: Partial<Settlement>): Settlement
}

/** All partitions of an endpoint. */
export function allPartitions(ledger: Ledger, endpointId: string): PartitionKey[] {
  return Array.from({ length: ledger.dispatch.partitionCount }, (_, partition) => ({ endpointId, partition }))
}

/** Has a dispatcher join, for `one` and `two`, and take all that is free there unless a test says otherwise. */
export async function joinDispatcher(
  ledger: Ledger,
  given: { id?: string; endpointIds?: readonly string[]; acquires?: boolean } = {},
): Promise<TestDispatcher> {
  const { id = 'first', endpointIds = ['one', 'two'], acquires = true } = given
  await ledger.dispatch.join({ id, place: 'here', endpointIds })
  const dispatcher = createTestDispatcher(ledger, id, endpointIds)
  if (acquires) await dispatcher.acquire()
  return dispatcher
}

function createTestDispatcher(ledger: Ledger, id: string, endpointIds: readonly string[]): TestDispatcher {
  const { dispatch } = ledger

  const partitionsOf = (endpointId: string): number[] =>
    dispatcher.owned.filter((one) => one.endpointId === endpointId).map(({ partition }) => partition)

  const dispatcher: TestDispatcher = {
    id,
    owned: [],
    async acquire(wanted = endpointIds.flatMap((endpointId) => allPartitions(ledger, endpointId))) {
      const got = await dispatch.acquire(id, wanted)
      const others = dispatcher.owned.filter((one) => !got.some((other) => isSamePartition(one, other)))
      dispatcher.owned = [...others, ...got]
      return got
    },
    readBacklog: ({ endpointId = 'one', after = 0, limit = 1000 } = {}) =>
      dispatch.readBacklog({ endpointId, partitions: partitionsOf(endpointId), after, limit }),
    async readReady(endpointId = 'one') {
      const deliveries = await dispatcher.readBacklog({ endpointId })
      return deliveries.filter(({ isHead, readyInMs }) => isHead && readyInMs === 0)
    },
    async readOne(endpointId = 'one') {
      const deliveries = await dispatcher.readReady(endpointId)
      expect(deliveries).toHaveLength(1)
      return deliveries[0]!
    },
    readDue: ({ endpointId = 'one', after, limit = 1000 } = {}) =>
      dispatch.readDue({ endpointId, partitions: partitionsOf(endpointId), after, limit }),
    async settle(delivery, given = {}) {
      const [answer] = await dispatch.settle(id, [dispatcher.toSettlement(delivery, given)])
      return answer!
    },
    toSettlement(delivery, given = {}) {
      const { endpointId, partition, number, tries } = delivery
      const { state = 'delivered' } = given
      const owned = dispatcher.owned.find((one) => isSamePartition(one, delivery))
      return {
        endpointId,
        partition,
        epoch: owned?.epoch ?? 0,
        number,
        tries,
        state,
        attempt: {
          startedAgoInMs: 0,
          durationInMs: 1,
          outcome: state === 'delivered' ? 'delivered' : 'retry',
        },
        ...(state === 'pending' && { retryInMs: 1000 }),
        ...given,
      }
    },
  }
  return dispatcher
}

function isSamePartition(a: PartitionKey, b: PartitionKey): boolean {
  return a.endpointId === b.endpointId && a.partition === b.partition
}
