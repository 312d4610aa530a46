import type { ReceivedWebhook, TaskEvent } from '@taskhook/core'

/** The event's type of a route: what it says under `Webhook`, else {@link TaskEvent}. */
export type EventOfRoute<RouteGeneric> = RouteGeneric extends { Webhook: infer E } ? E : TaskEvent

declare module 'fastify' {
  interface FastifyRequest<RouteGeneric extends RouteGenericInterface = RouteGenericInterface> {
    /** Set by `verifyWebhook`; there in every handler of its scope. */
    webhook: ReceivedWebhook<EventOfRoute<RouteGeneric>>
  }

  interface RouteGenericInterface {
    /** The event that the `schema` option makes, for this route's `request.webhook`. Default `TaskEvent`. */
    Webhook?: unknown
  }
}
