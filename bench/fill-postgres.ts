import { createSender } from '@taskhook/sender'
import { run } from './start-postgres.ts'
import { taskEvents } from './task-events.ts'

const sentAtOnce = 1000

/** Adds events to the outbox in a database, as a sender does that sends many at once. */
export async function fillPostgres(url: string, count: number): Promise<void> {
  await using sender = await createSender({
    // It is not started, and the receiver of nobody.
    webHook: { enabled: true, id: 'receiver', endpoint: 'http://127.0.0.1:1/automation' },
    outbox: url,
  })
  for (let left = count; left > 0; left -= sentAtOnce) {
    await Promise.all(taskEvents(Math.min(left, sentAtOnce)).map((event) => sender.send(event)))
  }
}

/** What the server would do in the background is done before something is measured. */
export async function settleDown(url: string): Promise<void> {
  await run(url, 'VACUUM (ANALYZE)')
  await run(url, 'CHECKPOINT')
}
