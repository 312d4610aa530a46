import type { TaskEvent } from '@taskhook/core'
import { createTestDirectory, recordLog } from '@taskhook/outbox/testing'
import { onTestFinished } from 'vitest'
import { createInbox } from '../create-inbox.ts'
import type { Inbox } from '../inbox.ts'
import type { InboxOptions } from '../inbox-options.ts'

/** An inbox that is stopped with the test, on a file of its own unless `options` have a store; with short waits, and quiet; it is not started. */
export async function openInbox<T = unknown, E = TaskEvent>(
  options: Partial<InboxOptions<T, E>> = {},
): Promise<Inbox<E>> {
  const inbox = await createInbox<T, E>({
    store: `sqlite:${createTestDirectory()}/inbox.db`,
    handler: async () => {},
    retryScheduleInMs: [0, 5, 5, 5],
    // Without one, what is meant to fail would be warned of.
    logger: recordLog().logger,
    ...options,
  })
  onTestFinished(() => inbox.stop({ timeoutInMs: 0 }))
  return inbox
}

/** The same, started. */
export async function startInbox<T = unknown, E = TaskEvent>(
  options: Partial<InboxOptions<T, E>> = {},
): Promise<Inbox<E>> {
  const inbox = await openInbox(options)
  await inbox.start()
  return inbox
}
