import { isGone, type GoneLike } from './is-gone.ts'
import type { ReceivedDelivery } from './received-webhook.ts'

/** The needed part of a Node.js `ServerResponse`, over HTTP/1.1 or HTTP/2. */
export interface ResponseLike extends GoneLike {
  readonly statusCode: number
  // oxlint-disable-next-line typescript/no-explicit-any -- the overloads of end() are not the same in both
  end: (...parameters: any[]) => any
  /** HTTP/2's has none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a response returns itself
  destroy?: (error?: Error) => any
}

/**
 * Settles a delivery with the end of the response: the call of `end`, with the status that it has then, is the
 * handler's word. It is so as well after the client has gone, when no `finish` tells of it; and HTTP/2 tells of a `finish`
 * with status 200 when the stream was reset. A client that has gone before the handler ran is a failure.
 *
 * A handler that destroys the response will not answer: that is a failure. Node.js itself destroys a socket when a client has gone or
 * a server has a time limit, and never the response; the handler still runs then, so a socket says nothing.
 */
export function settleWithResponse(response: ResponseLike, delivery: ReceivedDelivery): void {
  if (delivery.isSettled) return
  if (isGone(response)) return void delivery.end(false)
  const { end, destroy } = response
  // A response may be destroyed after its end, or by it, as that of light-my-request is. The end tells.
  let isEnded = false
  response.end = function endAndSettle(this: ResponseLike, ...parameters: unknown[]): unknown {
    isEnded = true
    const returned: unknown = end.apply(this, parameters)
    const { statusCode } = response
    void delivery.end(statusCode >= 200 && statusCode < 300, { status: statusCode })
    return returned
  }
  if (destroy === undefined) return
  response.destroy = function destroyAndSettle(this: ResponseLike, error?: Error): unknown {
    const returned: unknown = destroy.call(this, error)
    if (!isEnded) void delivery.end(false, error === undefined ? {} : { error })
    return returned
  }
}
