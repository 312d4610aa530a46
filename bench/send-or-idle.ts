import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sender } from '@taskhook/sender'
import { answerParent } from './child.ts'
import { monotonicNow } from './monotonic-now.ts'
import { openSender, type SenderPlace } from './open-sender.ts'

/** What a sender in a process of its own is to do. It is opened by the first task, and started only if that is said. */
export type SenderTask =
  | { kind: 'open'; place: SenderPlace; isStarted: boolean }
  | { kind: 'send' }
  | { kind: 'idle'; durationInMs: number }

/** What came of a {@link SenderTask}. */
export interface SenderTaskResult {
  /** When it began, by {@link monotonicNow}. */
  startedAt: number
  /** Of all threads, meanwhile. */
  cpuTimeInMs: number
}

let sender: Sender | undefined

async function perform(task: SenderTask): Promise<void> {
  if (task.kind === 'idle') {
    await delay(task.durationInMs)
  } else if (task.kind === 'send') {
    await sender?.send({ taskId: randomUUID(), eventType: 'OrderSigned' })
  } else {
    sender = await openSender(task.place)
    if (task.isStarted) await sender.start()
  }
}

answerParent(async (question): Promise<SenderTaskResult> => {
  const before = process.cpuUsage()
  const startedAt = monotonicNow()
  await perform(question as SenderTask)
  const { user, system } = process.cpuUsage(before)
  return { startedAt, cpuTimeInMs: (user + system) / 1000 }
})
