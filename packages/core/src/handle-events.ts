import { OptionError } from './option-error.ts'
import type { TaskEvent } from './task-event.ts'
import type { VerifiedWebhook } from './verification.ts'

/** Events `E` narrowed to the one type `T`. */
export type EventOfType<E extends { eventType: string }, T extends string> = [
  Extract<E, { eventType: T }>,
] extends [never]
  ? E & { eventType: T }
  : Extract<E, { eventType: T }>

/** One handler an event type, each with the event narrowed to it; `default` has all the others. */
export type EventHandlers<E extends { eventType: string }> = {
  [T in E['eventType']]?: (
    event: EventOfType<E, T>,
    webhook: VerifiedWebhook<EventOfType<E, T>>,
  ) => void | Promise<void>
} & {
  default?: (event: E, webhook: VerifiedWebhook<E>) => void | Promise<void>
}

/**
 * Makes one handler out of one an event type. An event with neither a handler of its own nor a `default` is done
 * without one.
 *
 * @throws OptionError when a handler is not a function, or `handlers` is no plain object.
 * @example
 * const handle = handleEvents({
 *   OrderSigned: async (event) => archive(event.taskId),
 *   default: async (event) => refresh(event.taskId),
 * })
 * app.post('/automation', verifyWebhook({ secret }), async (request, response) => {
 *   await handle(request.webhook)
 *   response.sendStatus(204)
 * })
 */
export function handleEvents<E extends { eventType: string } = TaskEvent>(
  handlers: EventHandlers<E>,
): (webhook: VerifiedWebhook<E>) => Promise<void> {
  type Handler = (event: E, webhook: VerifiedWebhook<E>) => void | Promise<void>
  // A Map has no handler under a property: each event would be acknowledged and lost.
  if (typeof handlers !== 'object' || handlers === null || Symbol.iterator in handlers) {
    throw new OptionError('handlers', 'must be an object with a handler for each event type')
  }
  // A Map, since an event type is the sender's word: `constructor` must find nothing.
  const byType = new Map<string, Handler>()
  for (const [eventType, handler] of Object.entries<unknown>(handlers)) {
    if (handler === undefined) continue
    if (typeof handler !== 'function') throw new OptionError(eventType, 'the handler must be a function')
    byType.set(eventType, handler as Handler)
  }
  const fallback = byType.get('default')

  return async (webhook) => {
    const handler = byType.get(webhook.event.eventType) ?? fallback
    await handler?.(webhook.event, webhook)
  }
}
