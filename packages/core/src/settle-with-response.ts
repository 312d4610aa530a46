import { settleNothing, type Settle } from './claim-delivery.ts'

/** What is needed of a Node.js `ServerResponse`. */
export interface ResponseLike {
  readonly statusCode: number
  readonly closed: boolean
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * Settles a delivery by the response to its request: committed after a 2xx answer, aborted after any other end, a client
 * that went away included. What the dedupe store throws goes to `report`, since the answer is out by then.
 */
export function settleWithResponse(
  response: ResponseLike,
  settle: Settle,
  report: (error: unknown) => void,
): void {
  if (settle === settleNothing) return
  const end = (succeeded: boolean): void => void settle(succeeded).catch(report)
  if (response.closed) return end(false)
  response.once('finish', () => end(response.statusCode >= 200 && response.statusCode < 300))
  response.once('close', () => end(false))
}
