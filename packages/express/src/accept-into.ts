import {
  acceptInto as acceptWebhookInto,
  type InboxLike,
  type TaskEvent,
  type VerifiedWebhook,
} from '@taskhook/core'
import type { WebhookRequestHandler } from './request-handler.ts'

/**
 * Makes the handler that stores a verified webhook in an inbox and answers 202 once it is stored; a repeat, too. A webhook that could not be
 * stored goes to `next(error)` as a `WebhookError` with status 503 and `Retry-After`, so the sender tries again. Express 4 and 5.
 *
 * @throws OptionError for what is no inbox, at once.
 * @example
 * app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
 */
export function acceptInto<E = TaskEvent>(inbox: InboxLike<E>): WebhookRequestHandler<E> {
  const accept = acceptWebhookInto(inbox)
  return (request, response, next) => {
    // Of the event that verifyWebhook was to make; the types of Express cannot say so inside of a generic function.
    const webhook = request.webhook as unknown as VerifiedWebhook<E>
    accept(webhook).then(({ status }) => response.status(status).end(), next)
  }
}
