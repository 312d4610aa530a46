import type { EventType } from '@taskhook/core'
import { waitForAttempt } from '../services/attempt-log.ts'
import { createAutomationClient, type Task } from '../services/automation-client.ts'
import { waitForHandling } from '../services/handled-event.ts'
import { lifecycles } from './lifecycles.ts'
import type { Receiver, ReceiverName, Services } from '../services/start-services.ts'

/** What became of one event at one receiver. */
export interface EventResult {
  eventType: EventType
  taskId: string
  receiver: ReceiverName
  /** On the clock of `performance.now()`. */
  endedAt: number
  /** What the handler did; not there when it was never called. */
  handled?: {
    /** The state of the task that it fetched. */
    state: string
    /** From the request for the change until the handler had the full task. */
    latencyInMs: number
  }
  /** Why it was not called: `retry 401`. */
  failure?: string
  /** Whether the receiver verified the event and then fetched the state that the change led to. */
  passed: boolean
}

/** Takes the tasks through their lifecycles, one change after the other, and reports each event at each receiver. */
export async function* runLifecycles(services: Services): AsyncGenerator<EventResult> {
  const automation = createAutomationClient(services.automation.url, services.signal)

  for (const steps of lifecycles) {
    const createdAt = performance.now()
    const task = await automation.create({ description: 'Sign the lease' })
    yield* await followEvent(services, 'OrderCreated', task, createdAt)
    for (const { eventType, change } of steps) {
      const startedAt = performance.now()
      const changed = await automation.change(task.taskId, change)
      yield* await followEvent(services, eventType, changed, startedAt)
    }
  }
}

/** Waits until all receivers are through with an event. */
function followEvent(
  { automation, receivers }: Services,
  eventType: EventType,
  { taskId, state }: Task,
  startedAt: number,
): Promise<EventResult[]> {
  async function follow({ name, process }: Receiver): Promise<EventResult> {
    // Nothing should fail here, and what comes after a failure may wait for long: one at a receiver ends the waiting.
    const { arrivedAt, ...attempt } = await waitForAttempt(
      automation.process,
      `${eventType} at ${name}`,
      (made) =>
        made.endpointId === name &&
        (made.outcome !== 'delivered' || (made.taskId === taskId && made.eventType === eventType)),
    )
    const common = { eventType, taskId, receiver: name }
    if (attempt.outcome !== 'delivered') {
      const isOwn = attempt.taskId === taskId && attempt.eventType === eventType
      const failure = isOwn ? `${attempt.outcome} ${attempt.errorCode ?? attempt.status}` : 'not waited for'
      return { ...common, endedAt: arrivedAt, failure, passed: false }
    }

    const handled = await waitForHandling(process, eventType, taskId)
    return {
      ...common,
      endedAt: handled.handledAt,
      handled: { state: handled.state, latencyInMs: handled.handledAt - startedAt },
      passed: handled.state === state,
    }
  }
  return Promise.all(receivers.map(follow))
}
