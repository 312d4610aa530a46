import { randomUUID } from 'node:crypto'
import type { Ledger, ReadDelivery } from '@taskhook/outbox'
import { endpointId } from './open-sender.ts'

/** How an attempt ended: delivered, or refused and to be made again. */
type Outcome = { status: 204 } | { status: number; retryInMs: number }

/** A dispatcher that attempts nothing: it reads and settles, as fast as the ledger takes it. See {@link joinLedger}. */
export interface JoinedDispatcher extends AsyncDisposable {
  /** The next pending deliveries, past those that it has read before. */
  readBacklog(limit: number): Promise<ReadDelivery[]>
  /** The first pending delivery of each of these tasks. */
  readHeads(orderingKeys: readonly string[]): Promise<ReadDelivery[]>
  /** Writes down one attempt of each. */
  settle(deliveries: readonly ReadDelivery[], outcome: Outcome): Promise<void>
}

/** Joins a ledger as a dispatcher does, and acquires all partitions of the endpoint. */
export async function joinLedger({ dispatch }: Ledger): Promise<JoinedDispatcher> {
  const dispatcherId = randomUUID()
  await dispatch.join({ id: dispatcherId, place: '', endpointIds: [endpointId] })
  const partitions = Array.from({ length: dispatch.partitionCount }, (_, partition) => partition)
  const owned = await dispatch.acquire(
    dispatcherId,
    partitions.map((partition) => ({ endpointId, partition })),
  )
  if (owned.length < partitions.length) throw new Error('another dispatcher owns partitions')
  const epochs = new Map(owned.map(({ partition, epoch }) => [partition, epoch]))
  let after = 0

  return {
    async readBacklog(limit) {
      const deliveries = await dispatch.readBacklog({ endpointId, partitions, after, limit })
      after = deliveries.at(-1)?.number ?? after
      return deliveries
    },

    async readHeads(orderingKeys) {
      const requests = orderingKeys.map((orderingKey) => ({ endpointId, orderingKey, after: 0, limit: 1 }))
      return (await dispatch.readLines(requests)).flat()
    },

    async settle(deliveries, outcome) {
      const state = 'retryInMs' in outcome ? 'pending' : 'delivered'
      const answers = await dispatch.settle(
        dispatcherId,
        deliveries.map(({ number, tries, partition }) => ({
          endpointId,
          partition,
          epoch: epochs.get(partition)!,
          number,
          tries,
          state,
          ...('retryInMs' in outcome && { retryInMs: outcome.retryInMs }),
          attempt: {
            startedAgoInMs: 3,
            durationInMs: 3,
            outcome: state === 'pending' ? 'retry' : 'delivered',
            status: outcome.status,
            response: {
              headers: { date: 'Tue, 24 Nov 2026 02:40:00 GMT', connection: 'keep-alive' },
              excerpt: '',
              truncated: false,
            },
          },
        })),
      )
      const other = answers.find((answer) => answer !== state)
      if (other !== undefined) throw new Error(`a settlement was answered with ${other}`)
    },

    [Symbol.asyncDispose]: () => dispatch.leave(dispatcherId),
  }
}
