import { isGone, type GoneLike } from './is-gone.ts'
import type { ReceivedDelivery } from './received-webhook.ts'

/** The needed part of a Node.js `ServerResponse`, over HTTP/1.1 or HTTP/2. */
export interface ResponseLike extends GoneLike {
  readonly statusCode: number
  // oxlint-disable-next-line typescript/no-explicit-any -- the overloads of end() are not the same in both
  end: (...parameters: any[]) => any
}

/**
 * Settles a delivery with the end of the response: the call of `end`, with the status that it has then, is the
 * handler's word. It is so as well after the client has gone, when no `finish` tells of it; and HTTP/2 tells of a `finish`
 * with status 200 when the stream was reset. A client that has gone before the handler ran is a failure.
 */
export function settleWithResponse(response: ResponseLike, delivery: ReceivedDelivery): void {
  if (delivery.isSettled) return
  if (isGone(response)) return void delivery.end(false)
  const { end } = response
  response.end = function endAndSettle(this: ResponseLike, ...parameters: unknown[]): unknown {
    const returned: unknown = end.apply(this, parameters)
    const { statusCode } = response
    void delivery.end(statusCode >= 200 && statusCode < 300, { status: statusCode })
    return returned
  }
}
