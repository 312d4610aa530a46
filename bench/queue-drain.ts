import { randomUUID } from 'node:crypto'
import type { EventType } from '@taskhook/core'
import { createEndpoint } from '@taskhook/sender'
import { secret } from './secret.ts'
import { taskEvents } from './task-events.ts'

/** How many deliveries to add to a queue in a database, which is not measured, and then how many to make. */
export interface QueueDrain {
  url: string
  /** Of a receiver on this machine. */
  port: number
  concurrency: number
  added: number
  count: number
}

/** What came of a {@link QueueDrain}. */
export interface QueueDrainResult {
  deliveriesPerSecond: number
}

/** What is delivered, as the data of a job. */
export interface Job {
  id: string
  taskId: string
  eventType: EventType
}

// As many are added at once as share one commit of ours.
const addedAtOnce = 1000

/** As many jobs, to be added a batch at a time. A batch has one job of a task at most: those of one insert have one time, and no order. */
export function* createBatches(count: number): Generator<Job[]> {
  for (let left = count; left > 0; left -= addedAtOnce) {
    const events = taskEvents(Math.min(left, addedAtOnce))
    for (const eventsOfType of Map.groupBy(events, ({ eventType }) => eventType).values()) {
      yield eventsOfType.map(({ taskId, eventType }) => ({ id: randomUUID(), taskId, eventType }))
    }
  }
}

/** The attempt that our sender makes too: signed, posted, the answer read. Rejects when it is not delivered. */
export async function createDeliver({
  port,
  concurrency,
}: Pick<QueueDrain, 'port' | 'concurrency'>): Promise<
  { deliver: (job: Job) => Promise<void> } & AsyncDisposable
> {
  const endpoint = await createEndpoint({
    enabled: true,
    endpoint: `http://127.0.0.1:${port}/automation`,
    secret,
    maxConcurrency: concurrency,
  })
  return {
    async deliver(job) {
      const { outcome } = await endpoint.deliver(job)
      if (outcome !== 'delivered') throw new Error(`not delivered: ${outcome}`)
    },
    [Symbol.asyncDispose]: () => endpoint.close(),
  }
}
