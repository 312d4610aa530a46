import { isDeepStrictEqual } from 'node:util'
import { isEventType, type EventType } from '@taskhook/core'
import * as z from 'zod'
import { createAutomationClient } from '../services/automation-client.ts'
import { handledEvents, waitForHandling } from '../services/handled-event.ts'
import { longLifecycle } from './lifecycles.ts'
import type { Receiver, ReceiverName, Services } from '../services/start-services.ts'

/** What came of killing a receiver in a burst of changes. */
export interface ReceiverCrashResult {
  receiver: ReceiverName
  taskIds: readonly string[]
  /** How many events the burst has. */
  events: number
  /** Runs of the handler before the kill, and in the end. */
  runsBefore: number
  runs: number
  /** From the kill until it listened again. */
  downForInMs: number
  /** Events whose effects are not there in the end, and those whose effects are there more than once. */
  lost: number
  twice: number
  /** Tasks whose events had their effects in their order. */
  tasksInOrder: number
}

const taskCount = 8
const expected: readonly EventType[] = ['OrderCreated', ...longLifecycle.map(({ eventType }) => eventType)]
const historySchema = z.array(z.object({ taskId: z.string(), eventType: z.string() }))

/** Kills a receiver half-way through a burst of changes, starts it again on its database, and looks at the effects of its handler. */
export async function runReceiverCrash(services: Services, receiver: Receiver): Promise<ReceiverCrashResult> {
  const { automation, signal } = services
  const client = createAutomationClient(automation.url, signal)
  const tasks = Array.from({ length: taskCount }, async () => {
    const { taskId } = await client.create({ description: 'Sign the lease' })
    for (const { change } of longLifecycle) await client.change(taskId, change)
    return taskId
  })
  const [{ runsBefore, downForInMs }, ...taskIds] = await Promise.all([killHalfWay(receiver), ...tasks])
  await Promise.all(
    taskIds.map((taskId) => waitForHandling(receiver.process, expected.at(-1) as EventType, taskId)),
  )

  const ofTasks = await waitForEffects(receiver, taskIds, signal)
  const counts = ofTasks.flatMap((types) =>
    expected.map((eventType) => types.filter((type) => type === eventType).length),
  )
  return {
    receiver: receiver.name,
    taskIds,
    events: taskCount * expected.length,
    runsBefore,
    runs: runsBefore + handledEvents(receiver.process.lines).length,
    downForInMs,
    lost: counts.filter((count) => count === 0).length,
    twice: counts.filter((count) => count > 1).length,
    tasksInOrder: ofTasks.filter((types) => isDeepStrictEqual(types, expected)).length,
  }
}

/** Kills a receiver once its handler has run for half of the burst, and starts it again. */
async function killHalfWay(receiver: Receiver): Promise<{ runsBefore: number; downForInMs: number }> {
  const { process } = receiver
  const from = process.lines.length
  let runs = 0
  const isHalf = (text: string): boolean => {
    if (isEventType(text.split(' ')[0])) runs += 1
    return runs === (taskCount * expected.length) / 2
  }
  await process.waitForLine('half of the burst', isHalf, from)
  const killedAt = performance.now()
  await process.kill()
  await receiver.startAgain()
  const runsBefore = handledEvents(process.lines.slice(from)).length
  return { runsBefore, downForInMs: performance.now() - killedAt }
}

/** The effects of each task's events, as the receiver's history has them, once the last handler has committed. */
async function waitForEffects(
  { url }: Receiver,
  taskIds: readonly string[],
  signal: AbortSignal,
): Promise<string[][]> {
  for (;;) {
    const response = await fetch(`${url}/history`, { signal })
    const history = historySchema.parse(await response.json())
    const ofTasks = taskIds.map((taskId) =>
      history.filter((event) => event.taskId === taskId).map(({ eventType }) => eventType),
    )
    if (ofTasks.every((types) => types.includes(expected.at(-1) as string))) return ofTasks
  }
}
