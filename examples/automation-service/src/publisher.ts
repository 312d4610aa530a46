import { randomUUID } from 'node:crypto'
import type { EventType } from '@taskhook/core'
import type { AttemptResult, Endpoint } from '@taskhook/sender'

/** An endpoint, and the events that go to it. */
export interface Subscription {
  endpoint: Endpoint
  events: readonly EventType[]
}

/** What happened to which task. */
export interface Change {
  taskId: string
  eventType: EventType
}

/** See {@link createPublisher}. */
export interface Publisher {
  /** Starts the deliveries of an event whose change is committed, and does not wait for them. */
  publish(change: Change): void
  /** Waits until the deliveries that were started have ended. */
  settle(): Promise<void>
  /** Does the same, and closes the endpoints. */
  close(): Promise<void>
}

/**
 * Makes one attempt at each subscribed endpoint for each event, those of one task in their order. What the attempt came
 * to is logged as one line; nothing is kept, and nothing is tried again.
 */
export function createPublisher(
  subscriptions: readonly Subscription[],
  log: (line: string) => void,
): Publisher {
  // The last delivery by endpoint and task: the next one waits for it, and a slow endpoint keeps no other waiting.
  const lastDeliveries = new Map<string, Promise<void>>()

  function enqueue(key: string, deliver: () => Promise<void>): void {
    const previous = lastDeliveries.get(key) ?? Promise.resolve()
    const delivery = previous.then(deliver).finally(() => {
      if (lastDeliveries.get(key) === delivery) lastDeliveries.delete(key)
    })
    lastDeliveries.set(key, delivery)
  }

  async function settle(): Promise<void> {
    await Promise.all(lastDeliveries.values())
  }

  return {
    publish({ taskId, eventType }) {
      for (const { endpoint, events } of subscriptions) {
        if (!events.includes(eventType)) continue
        enqueue(`${endpoint.id} ${taskId}`, async () => {
          const result = await endpoint.deliver({ id: randomUUID(), taskId, eventType })
          log(`${eventType} ${taskId} ${endpoint.id} ${describe(result)}`)
        })
      }
    },
    settle,
    async close() {
      await settle()
      await Promise.all(subscriptions.map(({ endpoint }) => endpoint.close()))
    },
  }
}

function describe(result: AttemptResult): string {
  const reason = result.outcome === 'retry' ? (result.errorCode ?? result.status) : result.status
  return `${result.outcome} ${reason} ${result.durationInMs.toFixed(1)}ms`
}
