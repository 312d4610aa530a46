import type { EventType } from '@taskhook/core'
import { createAutomationClient, type Task } from './automation-client.ts'
import { lifecycles, type Step } from './lifecycles.ts'
import type { Receiver, ReceiverName, Services } from './start-services.ts'

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
  /** Whether the receiver verified the event and then fetched the state that the change led to. */
  passed: boolean
  /** What the automation service says of its attempt: `delivered 204 3.1ms`. */
  attempt: string
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
      const changed = await apply(task.taskId, change)
      yield* await followEvent(services, eventType, changed, startedAt)
    }
  }

  function apply(taskId: string, change: Step['change']): Promise<Task> {
    return typeof change === 'string' ? automation.act(taskId, change) : automation.edit(taskId, change)
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
    const ofEvent = `${eventType} ${taskId} `
    const attempted = await automation.process.waitForLine(`${ofEvent}${name} `)
    const attempt = attempted.text.slice(`${ofEvent}${name} `.length)
    const common = { eventType, taskId, receiver: name, attempt }
    if (!attempt.startsWith('delivered ')) return { ...common, endedAt: attempted.arrivedAt, passed: false }

    const { text, arrivedAt } = await process.waitForLine(ofEvent)
    const handled = { state: text.slice(ofEvent.length), latencyInMs: arrivedAt - startedAt }
    return { ...common, endedAt: arrivedAt, handled, passed: handled.state === state }
  }
  return Promise.all(receivers.map(follow))
}
