import {
  acceptInto as acceptWebhookInto,
  type InboxLike,
  type TaskEvent,
  type VerifiedWebhook,
} from '@taskhook/core'

/**
 * Makes the handler that stores a verified webhook in an inbox and answers 202 once it is stored; a repeat, too. A webhook that could not be
 * stored is answered 503 with `Retry-After`, so the sender tries again.
 *
 * @throws OptionError for what is no inbox, at once.
 * @example
 * export const POST = webhookHandler({ secret }, acceptInto(inbox))
 */
export function acceptInto<E = TaskEvent>(
  inbox: InboxLike<E>,
): (webhook: VerifiedWebhook<E>) => Promise<Response> {
  const accept = acceptWebhookInto(inbox)
  return async (webhook) => {
    const { status } = await accept(webhook)
    return new Response(null, { status })
  }
}
