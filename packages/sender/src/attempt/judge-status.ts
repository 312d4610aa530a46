/**
 * What an attempt means for the delivery: `delivered`, it is done; `retry`, try again later; `gone`, the receiver wants
 * no more of them and the endpoint should be paused.
 */
export type Outcome = 'delivered' | 'retry' | 'gone'

/**
 * The outcome of a complete answer. Only 410 is final among the failures (Standard Webhooks, "Delivery reliability"):
 * any other status, 404 and 401 included, is what a receiver answers in the minute of a bad deployment. Redirects are
 * not followed, so that an event never goes where the configuration did not send it.
 */
export function judgeStatus(status: number): Outcome {
  if (status >= 200 && status <= 299) return 'delivered'
  return status === 410 ? 'gone' : 'retry'
}
