import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { AttemptedMessage } from '@taskhook/outbox'
import { isBeside } from './beside.ts'

const channel = 'taskhook.outbox.attempted'

/** Counts attempts that were made in this process and written down, see {@link countAttempts}. */
export interface AttemptCounter extends Disposable {
  /** Resolves once so many deliveries of the measured tasks are written down. One attempt of theirs that fails rejects it. */
  readonly delivered: Promise<void>
  /** When the first of them was written down, by `performance.now()`. */
  readonly firstAt: number
  /** Attempts of the tasks beside them so far, however they ended. */
  readonly besideCount: number
}

/** Counts until so many deliveries of the measured tasks are made. */
export function countAttempts(count: number): AttemptCounter {
  const { promise: delivered, resolve, reject } = Promise.withResolvers<void>()
  let deliveries = 0
  let firstAt = Number.NaN
  let besideCount = 0

  function onAttempted(message: unknown): void {
    const { orderingKey, report } = message as AttemptedMessage
    if (isBeside(orderingKey)) {
      besideCount += 1
      return
    }
    if (report.outcome !== 'delivered') {
      reject(new Error(`not delivered: ${report.status ?? report.errorCode}`))
      return
    }
    if (deliveries === 0) firstAt = performance.now()
    deliveries += 1
    if (deliveries === count) resolve()
  }

  subscribe(channel, onAttempted)
  return {
    delivered,
    get firstAt() {
      return firstAt
    },
    get besideCount() {
      return besideCount
    },
    [Symbol.dispose]: () => void unsubscribe(channel, onAttempted),
  }
}
