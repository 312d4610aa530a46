import type { Request, RequestHandler } from 'express'
import type { ReceivedWebhook, TaskEvent } from '@taskhook/core'

declare const event: unique symbol

/**
 * Carries the event's type from `verifyWebhook` to the handlers after it. Express's types hand on only the locals from
 * one handler to the next; nothing is stored there.
 */
export interface WebhookLocals<E> {
  [event]?: E
}

/** The middleware that {@link verifyWebhook} makes. */
export type WebhookRequestHandler<E = TaskEvent> = RequestHandler<
  // oxlint-disable-next-line typescript/no-explicit-any -- as in Express's own types: whatever the route says
  any,
  // oxlint-disable-next-line typescript/no-explicit-any
  any,
  // oxlint-disable-next-line typescript/no-explicit-any
  any,
  Request['query'],
  // oxlint-disable-next-line typescript/no-explicit-any
  WebhookLocals<E> & Record<string, any>
>

/** The event's type of a request, found in its locals; {@link TaskEvent} where no middleware has said otherwise. */
type EventOf<R> = R extends { res?: { locals: { [event]?: infer E } } | undefined }
  ? unknown extends E
    ? TaskEvent
    : Exclude<E, undefined>
  : TaskEvent

declare global {
  namespace Express {
    interface Request {
      /** Set by `verifyWebhook`; there in every handler after it. */
      webhook: ReceivedWebhook<EventOf<this>>
    }
  }
}
