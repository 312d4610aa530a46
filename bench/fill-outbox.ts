import type { Ledger } from '@taskhook/outbox'
import type { Sender } from '@taskhook/sender'
import { openSender } from './open-sender.ts'
import { taskEvents, type TaskEvent } from './task-events.ts'

// As many share one commit.
const batchSize = 1000

/** Adds so many events to an outbox, as a sender does that sends many at once; nothing is delivered. */
export async function fillOutbox(outbox: string | Ledger, count: number): Promise<void> {
  await using sender = await openSender({ outbox })
  for (let left = count; left > 0; left -= batchSize) {
    await sendAll(sender, taskEvents(Math.min(left, batchSize)))
  }
}

/** Sends these events, in their order. */
export async function sendAll(sender: Sender, events: readonly TaskEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += batchSize) {
    await Promise.all(events.slice(start, start + batchSize).map((event) => sender.send(event)))
  }
}
