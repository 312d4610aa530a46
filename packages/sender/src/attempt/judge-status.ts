/**
 * What an attempt means for the delivery. `delivered`: it is done. `retry`: try again later. `gone`: the receiver wants
 * no more deliveries, and the endpoint should be paused.
 */
export type Outcome = 'delivered' | 'retry' | 'gone'

/**
 * The outcome of a complete answer. Among the failures, only 410 is final (Standard Webhooks, "Delivery success and
 * failure"). A receiver may give any other status, 404 and 401 included, for a minute during a bad deployment.
 * Redirects are not followed, so an event never goes where the configuration did not send it.
 */
export function judgeStatus(status: number): Outcome {
  if (status >= 200 && status <= 299) return 'delivered'
  return status === 410 ? 'gone' : 'retry'
}
