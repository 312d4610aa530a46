import { OptionError } from '@taskhook/core'
import { maxTimerInMs } from '../clock.ts'
import type { AttemptReport } from '../delivery.ts'
import type { ReadDelivery } from '../ledger.ts'
import { isStorableName, storableNames } from '../records/check-deliveries.ts'

/** What an attempt is given besides its delivery. */
export interface AttemptContext<T = unknown> {
  /** Which attempt this is since the delivery was accepted or resent: 1 for the first. */
  readonly attempt: number
  /**
   * Only of an endpoint with `transaction: true`: the connection that the attempt writes through, see {@link
   * EndpointSpec.transaction}. On SQLite the transaction begins when this is first read.
   */
  readonly transaction?: T
}

/**
 * Where deliveries go: a function that makes one attempt, and how often it may be called.
 *
 * @typeParam T What an attempt's transaction is written through: that of the ledger.
 */
export interface EndpointSpec<T = unknown> {
  id: string
  /**
   * Makes one attempt. What goes wrong with it is in its report; should it reject, that counts as a failed attempt with
   * the error code `attempt_threw`.
   *
   * @param signal Aborted when the outbox stops for longer than it may take, the delivery belongs to another process now, or the attempt
   * takes longer than `attemptTimeoutInMs`.
   */
  // A method, so that an endpoint that makes nothing of the transaction's type does for any.
  attempt(
    this: void,
    delivery: ReadDelivery,
    signal: AbortSignal,
    context: AttemptContext<T>,
  ): Promise<AttemptReport>
  /** How many attempts may be under way at once. */
  maxConcurrency: number
  /** The wait before each attempt, in milliseconds, the first included; as many attempts as waits. */
  retryScheduleInMs: readonly number[]
  /**
   * What happens after the last attempt of the schedule has failed. `continue`: the delivery is `exhausted`, and those after it of its ordering
   * key follow. `hold`: it is `held`, and they wait until it is resent or canceled; other ordering keys go on. Default `continue`.
   */
  whenExhausted?: 'continue' | 'hold'
  /**
   * Whether each attempt gets a transaction of the ledger's database. The attempt's writes and the record that it
   * delivered are one commit. All of it is rolled back when the attempt fails, or when another process owns the
   * delivery by then. Default false. On SQLite, which has one writer, there is one at a time: from the first use of the
   * transaction until the end of the attempt, other writers wait. On PostgreSQL each one keeps a connection, and
   * together they use at most half of the pool.
   */
  transaction?: boolean
  /**
   * For attempts that may bring the process down: after how many such ends in a row the delivery is given up, with the error code
   * `handler_crashed`. A process that is taken for dead, since it said nothing for a lease, counts too. Each start is noted in the ledger first, one more write for those that begin together. After the first such end the
   * delivery is attempted alone, while no other attempt of an endpoint with a limit is under way in the process. Default: no limit, and
   * nothing is noted.
   */
  crashLimit?: number
  /**
   * How long an attempt may take, in milliseconds. Then its signal is aborted, and it has failed with the error code
   * `attempt_timeout`. The outbox waits one more second for its end, and then rolls its transaction back. Default: no
   * limit.
   */
  attemptTimeoutInMs?: number
}

/**
 * Checks endpoints when they are given.
 *
 * @throws OptionError
 */
export function checkEndpoints<T>(endpoints: readonly EndpointSpec<T>[]): void {
  if (!Array.isArray(endpoints)) throw new OptionError('endpoints', 'must be an array')
  const ids = new Set<string>()
  for (const endpoint of endpoints as readonly EndpointSpec<T>[]) {
    // Other members are its own affair: an endpoint may be an object that does more.
    if (typeof endpoint !== 'object' || endpoint === null) refuse('each must be an object')
    const {
      id,
      attempt,
      maxConcurrency,
      retryScheduleInMs,
      transaction,
      whenExhausted,
      crashLimit,
      attemptTimeoutInMs,
    } = endpoint
    if (typeof id !== 'string' || id === '') refuse('an id must be a non-empty string')
    // Else each delivery to it would be refused.
    if (!isStorableName(id)) refuse(`an id must be ${storableNames}`)
    if (ids.has(id)) refuse(`the id ${id} is there twice`)
    ids.add(id)
    if (typeof attempt !== 'function') refuse('attempt must be a function')
    if (!Number.isSafeInteger(maxConcurrency) || maxConcurrency < 1) {
      refuse('maxConcurrency must be a positive integer')
    }
    if (!Array.isArray(retryScheduleInMs) || retryScheduleInMs.length === 0) {
      refuse('retryScheduleInMs must have an entry for each attempt')
    }
    if (!retryScheduleInMs.every((wait) => Number.isFinite(wait) && wait >= 0)) {
      refuse('retryScheduleInMs must have milliseconds, 0 or more')
    }
    if (transaction !== undefined && typeof transaction !== 'boolean') {
      refuse('transaction must be true or false')
    }
    if (whenExhausted !== undefined && whenExhausted !== 'continue' && whenExhausted !== 'hold') {
      refuse("whenExhausted must be 'continue' or 'hold'")
    }
    if (crashLimit !== undefined && !(Number.isSafeInteger(crashLimit) && crashLimit >= 1)) {
      refuse('crashLimit must be a positive integer')
    }
    if (attemptTimeoutInMs !== undefined && !isTimeout(attemptTimeoutInMs)) {
      refuse('attemptTimeoutInMs must be milliseconds, 1 or more, 24.8 days at most')
    }
  }
}

function isTimeout(value: number): boolean {
  return Number.isFinite(value) && value >= 1 && value <= maxTimerInMs
}

function refuse(message: string): never {
  throw new OptionError('endpoints', message)
}
