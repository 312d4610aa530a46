import type { TaskEvent, VerifiedWebhook } from '@taskhook/core'
import type { InboxHandler } from '../inbox.ts'

/** A handler that keeps what it was called with. */
export interface Recorder<E = TaskEvent> {
  handler: InboxHandler<E>
  /** The webhooks, in the order of the calls. */
  webhooks: VerifiedWebhook<E>[]
  /** Which attempt each call was. */
  attempts: number[]
}

/** A handler that does what it is told and keeps what it was called with. */
export function recordWebhooks<E = TaskEvent>(handle: InboxHandler<E> = () => {}): Recorder<E> {
  const webhooks: VerifiedWebhook<E>[] = []
  const attempts: number[] = []
  return {
    webhooks,
    attempts,
    handler: (webhook, context) => {
      webhooks.push(webhook)
      attempts.push(context.attempt)
      return handle(webhook, context)
    },
  }
}
