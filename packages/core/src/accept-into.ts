import { OptionError } from './option-error.ts'
import type { TaskEvent } from './task-event.ts'
import type { VerifiedWebhook } from './verification.ts'

/** As much of an inbox as a receiver needs; that of `@taskhook/inbox` fits. */
export interface InboxLike<E = TaskEvent> {
  /**
   * Stores a webhook. When it resolves, the webhook is stored for good.
   *
   * @throws WebhookError `inbox_unavailable` when it could not be stored.
   */
  accept(webhook: VerifiedWebhook<E>): Promise<unknown>
}

/**
 * Makes the handler that stores a verified webhook in an inbox and answers 202 once it is stored; a repeat, too. A webhook that could not be
 * stored is answered 503 with `Retry-After`, so the sender tries again.
 *
 * The adapters have the same in the form of their framework.
 *
 * @throws OptionError for what is no inbox, at once.
 * @example
 * const answer = await verifier.handle({ headers, url, body }, acceptInto(inbox))
 */
export function acceptInto<E = TaskEvent>(
  inbox: InboxLike<E>,
): (webhook: VerifiedWebhook<E>) => Promise<{ status: 202 }> {
  if (typeof inbox?.accept !== 'function') {
    throw new OptionError(
      'inbox',
      'must be the inbox that createInbox() resolves to: check for a missing await',
    )
  }
  return async (webhook) => {
    if (webhook?.rawBody === undefined) {
      throw new OptionError('webhook', 'is missing: mount verifyWebhook before acceptInto')
    }
    await inbox.accept(webhook)
    return { status: 202 }
  }
}
