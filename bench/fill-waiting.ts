import { openLedger } from '@taskhook/outbox'
import { createBesideId } from './beside.ts'
import { sendAll } from './fill-outbox.ts'
import { joinLedger } from './joined-dispatcher.ts'
import { openSender } from './open-sender.ts'

const batchSize = 500

/** What is to wait, see {@link fillWaiting}. */
export interface WaitingTasks {
  count: number
  retryInMs: number
  /** Makes the id of each. Default: they are beside what is measured. */
  createId?: () => string
}

/** Adds tasks with one event each that was refused with 503 once, and waits for its retry. */
export async function fillWaiting(
  url: string,
  { count, retryInMs, createId = () => createBesideId('waiting') }: WaitingTasks,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const ledger = stack.adopt(await openLedger(url), (opened) => opened.close())
  const sender = stack.use(await openSender({ outbox: ledger }))
  const dispatcher = stack.use(await joinLedger(ledger))
  for (let left = count; left > 0; left -= batchSize) {
    const taskIds = Array.from({ length: Math.min(left, batchSize) }, createId)
    await sendAll(
      sender,
      taskIds.map((taskId) => ({ taskId, eventType: 'OrderSigned' })),
    )
    await dispatcher.settle(await dispatcher.readHeads(taskIds), { status: 503, retryInMs })
  }
}
