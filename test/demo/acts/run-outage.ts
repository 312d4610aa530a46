import type { EventType } from '@taskhook/core'
import { waitForAttempt } from '../services/attempt-log.ts'
import { createAutomationClient } from '../services/automation-client.ts'
import { checkOrder } from './check-order.ts'
import { handledEvents, waitForHandling } from '../services/handled-event.ts'
import type { Step } from './lifecycles.ts'
import {
  createOperatorClient,
  type Attempt,
  type Delivery,
  type Endpoint,
} from '../services/operator-client.ts'
import type { EventResult } from './run-lifecycles.ts'
import type { Receiver, ReceiverName, Services } from '../services/start-services.ts'

/** A change that was made while a receiver was down. */
interface Change {
  eventType: EventType
  taskId: string
  /** On the clock of `performance.now()`. */
  startedAt: number
}

/** What the outbox has of one event for one receiver meanwhile. */
export interface OutageDelivery {
  eventType: EventType
  taskId: string
  receiver: ReceiverName
  /** Not there: it was lost. */
  delivery: Delivery | undefined
  lastAttempt: Attempt | undefined
  /** Whether it waits, for the receiver that is down, or is delivered, to the other. */
  passed: boolean
}

/** A receiver that is down, and what waits for it. */
export interface Outage {
  receiver: Receiver
  changes: readonly Change[]
  deliveries: readonly OutageDelivery[]
  endpoints: readonly Endpoint[]
}

// Two tasks, so that no more than two attempts fail at once: the fifth in a row would open the circuit for five seconds.
const taskCount = 2
const steps: readonly Step[] = [
  { eventType: 'OrderAccepted', change: 'accept' },
  { eventType: 'OrderSigned', change: 'sign' },
]

/** Stops a receiver, changes tasks, and looks at what waits once the other receiver has everything. */
export async function beginOutage(services: Services, receiver: Receiver): Promise<Outage> {
  const { automation, receivers, signal } = services
  await receiver.process.stop()
  const changes = await changeTasks(services)

  const last = changes.slice(-taskCount)
  await Promise.all(
    receivers.flatMap(({ name }) =>
      last.map(({ taskId, eventType }) =>
        waitForAttempt(automation.process, `the attempts at ${name}`, (attempt) => {
          if (attempt.endpointId !== name || attempt.taskId !== taskId) return false
          return name === receiver.name ? attempt.outcome !== 'delivered' : attempt.eventType === eventType
        }),
      ),
    ),
  )

  const operators = createOperatorClient(automation.url, signal)
  const found = (await Promise.all(last.map(({ taskId }) => operators.deliveriesOf(taskId)))).flat()
  const deliveries = changes.flatMap(({ eventType, taskId }) =>
    receivers.map(async ({ name }): Promise<OutageDelivery> => {
      const delivery = found.find(
        (one) => one.taskId === taskId && one.eventType === eventType && one.endpointId === name,
      )
      const details = delivery && (await operators.delivery(delivery.id))
      const expected = name === receiver.name ? 'pending' : 'delivered'
      return {
        eventType,
        taskId,
        receiver: name,
        delivery,
        lastAttempt: details?.attempts.at(-1),
        passed: delivery?.state === expected,
      }
    }),
  )
  return {
    receiver,
    changes,
    deliveries: await Promise.all(deliveries),
    endpoints: await operators.endpoints(),
  }
}

/** Takes the tasks on side by side, so that their events are accepted in turn. */
async function changeTasks({ automation, signal }: Services): Promise<Change[]> {
  const client = createAutomationClient(automation.url, signal)
  const changes: Change[] = []
  for (let number = 0; number < taskCount; number += 1) {
    const startedAt = performance.now()
    const { taskId } = await client.create({ description: 'Sign the lease' })
    changes.push({ eventType: 'OrderCreated', taskId, startedAt })
  }
  const taskIds = changes.map(({ taskId }) => taskId)
  for (const { eventType, change } of steps) {
    for (const taskId of taskIds) {
      const startedAt = performance.now()
      await client.change(taskId, change)
      changes.push({ eventType, taskId, startedAt })
    }
  }
  return changes
}

/** Starts the receiver again, and waits for what has waited for it. Resolves to the events as they arrived. */
export async function endOutage({ receiver, changes }: Outage): Promise<EventResult[]> {
  await receiver.startAgain()
  await Promise.all(
    changes.map(({ eventType, taskId }) => waitForHandling(receiver.process, eventType, taskId)),
  )

  const handled = handledEvents(receiver.process.lines)
  return handled.map(({ eventType, taskId, state, handledAt }) => {
    const ofTask = changes.filter((change) => change.taskId === taskId)
    const change = ofTask.find((one) => one.eventType === eventType)
    const expected = ofTask.map((one) => one.eventType)
    const { passed, repeats } = checkOrder(handled, taskId, expected)
    const latencyInMs = handledAt - (change?.startedAt ?? Number.NaN)
    return {
      eventType,
      taskId,
      receiver: receiver.name,
      endedAt: handledAt,
      handled: { state, latencyInMs },
      // All changes were made before: whichever event comes first, the task that is fetched is signed.
      passed: passed && repeats === 0 && state === 'signed',
    }
  })
}
