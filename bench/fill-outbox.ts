import { senderOf } from './sender-of.ts'
import { taskEvents } from './task-events.ts'

// As many as share one commit.
const batchSize = 1000

/** Adds so many events to the outbox in a file; nothing is delivered. */
export async function fillOutbox(file: string, count: number): Promise<void> {
  await using sender = await senderOf({ file })
  for (let left = count; left > 0; left -= batchSize) {
    await Promise.all(taskEvents(Math.min(left, batchSize)).map((event) => sender.send(event)))
  }
}
