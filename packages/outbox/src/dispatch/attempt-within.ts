import type { Clock } from '../clock.ts'
import type { AttemptReport } from '../delivery.ts'
import type { AttemptTransaction, DispatchLedger, ReadDelivery, SettleAnswer, Settlement } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { attemptSafely, type MadeAttempt } from './attempt-safely.ts'
import type { AttemptContext, EndpointSpec } from './endpoint-spec.ts'

/** What an attempt within a transaction is made with. */
export interface AttemptWithinOptions {
  ledger: Pick<DispatchLedger, 'begin'>
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  clock: Clock
  signal: AbortSignal
  /** Whether it may still begin, once it has its transaction. */
  mayAttempt: () => boolean
  /** What becomes of the delivery. */
  decide: (report: AttemptReport) => Settlement
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

/** An attempt within a transaction. */
export interface AttemptWithin extends MadeAttempt {
  /**
   * The result of the settlement, if it was written with the attempt's writes. A failed attempt is still to be settled.
   */
  answer?: SettleAnswer
}

const retryInMs = 250

/**
 * Makes one attempt within a transaction of the ledger, which is committed together with the settlement if the attempt delivered, and is
 * rolled back otherwise. `undefined`: others were in the way, and nothing was written.
 */
export async function attemptWithin(
  spec: EndpointSpec,
  delivery: ReadDelivery,
  { ledger, memberId, clock, signal, mayAttempt, decide, onFailure }: AttemptWithinOptions,
): Promise<AttemptWithin | undefined> {
  /** It says nothing of the delivery, so it does not count; what cannot be had now may be there in a moment. */
  async function retryLater(error: unknown): Promise<undefined> {
    if (signal.aborted) return undefined
    onFailure(error)
    await new Promise<void>((resolve) => void clock.after(retryInMs, resolve))
    return undefined
  }

  let open: AttemptTransaction<unknown>
  try {
    open = await ledger.begin(signal)
  } catch (error) {
    return retryLater(error)
  }
  if (!mayAttempt()) {
    await open.rollBack()
    return undefined
  }
  const startedAt = clock.now()
  let blockedBy: unknown
  const context: AttemptContext = {
    attempt: delivery.tries + 1,
    get transaction() {
      try {
        return open.transaction
      } catch (error) {
        if (isBusy(error)) blockedBy = error
        throw error
      }
    },
  }
  const made = await open.run(() => attemptSafely(spec, delivery, { signal, clock, context }))
  const { report, isAbandoned } = made
  if (report.outcome !== 'delivered') {
    await open.rollBack({ isAbandoned })
    return blockedBy === undefined ? made : retryLater(blockedBy)
  }
  try {
    return { ...made, answer: await open.commit(memberId(), decide(report)) }
  } catch (error) {
    // Others were in the way, and all of it is undone.
    if (isBusy(error)) return retryLater(error)
    // If it was committed all the same, the settlement of this failure finds that, and changes nothing.
    return { report: failedToCommit(error, clock.now() - startedAt), isAbandoned }
  }
}

function isBusy(error: unknown): boolean {
  return OutboxError.isInstance(error) && error.code === 'ledger_busy'
}

function failedToCommit(error: unknown, durationInMs: number): AttemptReport {
  const errorMessage = error instanceof Error ? error.message : String(error)
  return { outcome: 'retry', durationInMs, errorCode: 'commit_failed', errorMessage }
}
