import { tracingChannel } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isGone, settleWithResponse, type HandlingFailure, type ReceivedDelivery } from '@taskhook/core'

interface Handling {
  delivery: ReceivedDelivery
  isRunning: boolean
  /** Whether the answer was a success; `undefined` before there is one. */
  answered: { succeeded: boolean; failure: HandlingFailure | undefined } | undefined
}

interface HandlerMessage {
  reply: FastifyReply
  async: boolean
}

/** Settles a delivery with its answer, but not while the handler of the route is still running. */
export type SettleWithHandler = (reply: FastifyReply, delivery: ReceivedDelivery) => void

/**
 * Follows the handlers of routes through Fastify's diagnostics channel. The channel reports the end of a handler that
 * returns a promise even if the response does not: Fastify sends no answer for a handler that returns nothing after its
 * client has gone, and a hook with a time limit may have answered in its place.
 *
 * @see https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks
 */
export function followHandlers(scope: FastifyInstance): SettleWithHandler {
  const handlings = new WeakMap<FastifyReply, Handling>()

  const find = (message: unknown): Handling | undefined => handlings.get((message as HandlerMessage).reply)
  const onHandlerEnd = (message: unknown): void => {
    const handling = find(message)
    if (handling?.isRunning) endOfHandler(handling, (message as HandlerMessage).reply)
  }
  const channel = tracingChannel<HandlerMessage & { request: FastifyRequest }>('fastify.request.handler')
  // Those that are left out are not subscribed to; the types want all.
  const listeners = {
    start(message: unknown) {
      const handling = find(message)
      if (handling !== undefined) handling.isRunning = true
    },
    end(message: unknown) {
      if (!(message as HandlerMessage).async) onHandlerEnd(message)
    },
    asyncEnd: onHandlerEnd,
  } as Parameters<typeof channel.subscribe>[0]
  channel.subscribe(listeners)
  scope.addHook('onClose', async () => {
    channel.unsubscribe(listeners)
  })

  return (reply, delivery) => {
    if (delivery.isSettled) return
    const handling: Handling = { delivery, isRunning: false, answered: undefined }
    handlings.set(reply, handling)
    const hijack = reply.hijack.bind(reply)
    // Of a reply that is hijacked the channel tells no end.
    reply.hijack = () => {
      handling.isRunning = false
      return hijack()
    }
    settleWithResponse(reply.raw, {
      isSettled: false,
      async end(succeeded, failure) {
        handling.answered ??= { succeeded, failure }
        // A stream of HTTP/2 that was reset takes no end, and Fastify waits for it in vain in a handler that returns the reply.
        if (!handling.isRunning || !reply.sent) await delivery.end(succeeded, failure)
      },
    })
  }
}

function endOfHandler(handling: Handling, reply: FastifyReply): void {
  handling.isRunning = false
  const { delivery, answered } = handling
  if (answered !== undefined) void delivery.end(answered.succeeded, answered.failure)
  // Else the answer is still to come, and tells.
  else if (isGone(reply.raw)) {
    void delivery.end(reply.statusCode >= 200 && reply.statusCode < 300, { status: reply.statusCode })
  }
}
