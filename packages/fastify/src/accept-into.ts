import {
  acceptInto as acceptWebhookInto,
  type InboxLike,
  type TaskEvent,
  type VerifiedWebhook,
} from '@taskhook/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Makes the handler of a route in the plugin's scope that stores the verified webhook in an inbox and answers 202 once it is stored; a repeat,
 * too. A webhook that could not be stored throws a `WebhookError` with status 503 and `Retry-After`, so the sender tries again.
 *
 * @throws OptionError for what is no inbox, at once.
 * @example
 * scope.register(verifyWebhook, { secret })
 * scope.post('/automation', acceptInto(inbox))
 */
export function acceptInto<E = TaskEvent>(
  inbox: InboxLike<E>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const accept = acceptWebhookInto(inbox)
  return async (request, reply) => {
    // The schema of the plugin made the event; a route that takes another says so under `Webhook`.
    const { status } = await accept(request.webhook as unknown as VerifiedWebhook<E>)
    return reply.code(status).send()
  }
}
