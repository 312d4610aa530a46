import { settleNothing, type Settle } from './claim-delivery.ts'
import { observeSettle, type HandlingFailure, type RequestObservation } from './observe-request.ts'
import { OptionError } from './option-error.ts'
import type { VerifiedWebhook } from './verification.ts'

/**
 * A verified webhook as an adapter's handler gets it. With a dedupe store the handler's answer says how handling went;
 * a handler that knows better says so itself.
 */
export interface ReceivedWebhook<E> extends VerifiedWebhook<E> {
  /** Says how handling went. The first word counts, so say it before the answer does. */
  settle: Settle
  /**
   * Ties the end of handling to `work`, whatever is answered meanwhile: a success if `work` is fulfilled, otherwise a
   * failure. Use it for a handler that continues after its answer, or behind a middleware that answers in its place
   * when it is slow. Returns `work`.
   *
   * @throws OptionError when `work` is no promise.
   */
  waitUntil<T>(work: Promise<T>): Promise<T>
}

/** A delivery as an adapter has it, between the claim and its end. */
export interface ReceivedDelivery {
  /** Whether there is nothing to tell the store: there is none. */
  readonly isSettled: boolean
  /** The answer is out: that is how handling went, if the handler has not said otherwise. It never rejects. */
  end(succeeded: boolean, reason?: HandlingFailure): Promise<void>
}

const settled: ReceivedDelivery = { isSettled: true, async end() {} }
const waitForNothing = <T>(work: Promise<T>): Promise<T> => {
  checkWork(work)
  return work
}

/**
 * Adds to a webhook how its handler says how it went.
 *
 * @param report is told what the dedupe store throws, where no caller is left to hear it.
 * @param observation is told how it went.
 */
export function receiveWebhook<E>(
  { webhook, settle: settleDelivery }: { webhook: VerifiedWebhook<E>; settle: Settle },
  report: (error: unknown) => void,
  observation?: RequestObservation,
): { webhook: ReceivedWebhook<E>; delivery: ReceivedDelivery } {
  const received = webhook as ReceivedWebhook<E>
  let failure: HandlingFailure | undefined
  const settle = observation ? observeSettle(settleDelivery, observation, () => failure) : settleDelivery
  received.settle = settle
  if (settle === settleNothing) {
    received.waitUntil = waitForNothing
    return { webhook: received, delivery: settled }
  }
  let isWaiting = false
  const tell = (succeeded: boolean): Promise<void> => settle(succeeded).catch(report)
  received.waitUntil = (work) => {
    // Before the claim waits for it: what never ends would hold the claim.
    checkWork(work)
    isWaiting = true
    work.then(
      () => tell(true),
      (error: unknown) => {
        failure = { error }
        return tell(false)
      },
    )
    return work
  }
  return {
    webhook: received,
    delivery: {
      isSettled: false,
      end: async (succeeded, reason) => {
        if (isWaiting) return
        failure = reason
        await tell(succeeded)
      },
    },
  }
}

function checkWork(work: unknown): void {
  if (typeof (work as Promise<unknown> | undefined | null)?.then === 'function') return
  throw new OptionError('work', 'must be a promise: call the async function whose end it is')
}

/** Whether the handler of a webhook that was received tells a dedupe store how it went. */
export function isClaimed({ settle }: Pick<ReceivedWebhook<unknown>, 'settle'>): boolean {
  return settle !== settleNothing
}

/**
 * A webhook that was verified a second time, because its middleware is mounted twice. It is settled as the first one,
 * because its delivery is claimed already.
 */
export function receiveAgain<E>(
  webhook: VerifiedWebhook<E>,
  { settle, waitUntil }: Pick<ReceivedWebhook<unknown>, 'settle' | 'waitUntil'>,
): ReceivedWebhook<E> {
  return Object.assign(webhook, { settle, waitUntil })
}
