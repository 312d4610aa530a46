import type { EventType } from '@taskhook/core'
import { waitForAttempt } from '../services/attempt-log.ts'
import { createAutomationClient, type AutomationClient } from '../services/automation-client.ts'
import { checkOrder } from './check-order.ts'
import { handledEvents, waitForHandling } from '../services/handled-event.ts'
import { longLifecycle } from './lifecycles.ts'
import { createOperatorClient } from '../services/operator-client.ts'
import type { Receiver, ReceiverName, Service, Services } from '../services/start-services.ts'

/** What came of killing an automation service in a burst of changes. */
export interface CrashResult {
  taskIds: readonly string[]
  /** How many changes the burst has. */
  changes: number
  /** Changes that were answered before the kill. */
  answered: number
  /** Changes that were committed, and the kill came before the answer. */
  unanswered: number
  /** Changes that were answered, and were not there afterwards. */
  lost: number
  /** What all goes on with. */
  survivor: Service
  /** From the kill until there was a service again that all goes on with. */
  downForInMs: number
  /** Deliveries that are in the outbox in the end, all of them delivered. */
  deliveries: number
  receivers: readonly CrashAtReceiver[]
}

/** What a receiver saw of it. */
export interface CrashAtReceiver {
  receiver: ReceiverName
  /** Runs of the handler before the kill. */
  runsBefore: number
  /** Runs of the handler in the end. */
  runs: number
  /** Runs for an event that it had run for before: the kill came before its answer was in the outbox. */
  repeats: number
  /** Tasks whose events it handled all, in their order. */
  tasksInOrder: number
}

const taskCount = 12
const burst = longLifecycle
const events: readonly EventType[] = ['OrderCreated', ...burst.map(({ eventType }) => eventType)]

/** Kills the automation service half-way through a burst of changes, starts it again on its database, and goes on. */
export function runCrash(services: Services): Promise<CrashResult> {
  const { automation } = services
  return killInBurst(services, [automation], async () => {
    await automation.startAgain()
    return automation
  })
}

/** Starts a second automation service on the database, kills the first half-way through a burst of changes to both, and goes on with the second. */
export async function runNodeDeath(services: Services): Promise<CrashResult> {
  const node = await services.startNode()
  return killInBurst(services, [services.automation, node], async () => {
    services.fetchFrom(node)
    return node
  })
}

/**
 * Kills the first of some nodes half-way through a burst of changes.
 *
 * @param goOn Resolves to the node that all goes on with.
 */
async function killInBurst(
  { receivers, signal }: Services,
  nodes: readonly [Service, ...Service[]],
  goOn: () => Promise<Service>,
): Promise<CrashResult> {
  const clients = nodes.map(({ url }) => createAutomationClient(url, signal))
  const created = Array.from({ length: taskCount }, (_, index) =>
    (clients[index % clients.length] as AutomationClient).create({ description: 'Sign the lease' }),
  )
  const taskIds = (await Promise.all(created)).map(({ taskId }) => taskId)

  const answered = await killHalfWay(nodes[0], taskIds, (index, noteAnswer) =>
    change(clients[index % clients.length] as AutomationClient, taskIds[index] as string, 0, noteAnswer),
  )
  const killedAt = performance.now()
  const runsBefore = receivers.map((receiver) => runsOf(receiver, taskIds).length)
  const survivor = await goOn()
  const downForInMs = performance.now() - killedAt

  const client = createAutomationClient(survivor.url, signal)
  const committed = await Promise.all(taskIds.map(async (taskId) => (await client.get(taskId)).version - 1))
  await Promise.all(taskIds.map((taskId, index) => change(client, taskId, committed[index] as number)))
  await Promise.all(
    taskIds.flatMap((taskId) =>
      receivers.map(({ process }) => waitForHandling(process, events.at(-1) as EventType, taskId)),
    ),
  )

  const surplus = committed.map((count, index) => count - (answered[index] as number))
  return {
    taskIds,
    changes: taskCount * burst.length,
    answered: sum(answered),
    unanswered: sum(surplus.filter((count) => count > 0)),
    lost: -sum(surplus.filter((count) => count < 0)),
    survivor,
    downForInMs,
    deliveries: await countDelivered({ automation: survivor, signal, taskIds }),
    receivers: receivers.map((receiver, index): CrashAtReceiver => {
      const runs = runsOf(receiver, taskIds)
      const checks = taskIds.map((taskId) => checkOrder(runs, taskId, events))
      return {
        receiver: receiver.name,
        runsBefore: runsBefore[index] as number,
        runs: runs.length,
        repeats: sum(checks.map(({ repeats }) => repeats)),
        tasksInOrder: checks.filter(({ passed }) => passed).length,
      }
    }),
  }
}

/** Makes a task's changes from number `first` on. */
async function change(
  client: AutomationClient,
  taskId: string,
  first: number,
  noteAnswer?: () => void,
): Promise<void> {
  for (const step of burst.slice(first)) {
    await client.change(taskId, step.change)
    noteAnswer?.()
  }
}

/** Changes all tasks at once, and kills a node when half of the changes are answered. Resolves to how many were, by task. */
async function killHalfWay(
  node: Service,
  taskIds: readonly string[],
  changeTask: (index: number, noteAnswer: () => void) => Promise<void>,
): Promise<number[]> {
  const answered = taskIds.map(() => 0)
  const half = (taskIds.length * burst.length) / 2
  let killed: Promise<void> | undefined
  const ended = await Promise.allSettled(
    taskIds.map((_, index) =>
      changeTask(index, () => {
        answered[index] = (answered[index] as number) + 1
        if (sum(answered) >= half) killed ??= node.process.kill()
      }),
    ),
  )
  // Once it is killed, its clients see their requests fail, and that is all right.
  const failed = ended.find(({ status }) => status === 'rejected')
  if (killed === undefined) throw new Error('the burst broke off by itself', { cause: failed })
  await killed
  return answered
}

/** Waits until the outbox has everything as delivered, and counts it. */
async function countDelivered({
  automation,
  signal,
  taskIds,
}: Pick<Services, 'automation' | 'signal'> & { taskIds: readonly string[] }): Promise<number> {
  const operators = createOperatorClient(automation.url, signal)
  const deliveries = (await Promise.all(taskIds.map((taskId) => operators.deliveriesOf(taskId)))).flat()
  const pending = new Set(deliveries.filter(({ state }) => state !== 'delivered').map(({ id }) => id))
  if (pending.size > 0) {
    await waitForAttempt(automation.process, 'the last delivery', ({ id, outcome }) => {
      if (outcome === 'delivered') pending.delete(id)
      return pending.size === 0
    })
  }
  return deliveries.length
}

function runsOf({ process }: Receiver, taskIds: readonly string[]) {
  return handledEvents(process.lines).filter(({ taskId }) => taskIds.includes(taskId))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
