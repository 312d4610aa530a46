import type { Clock } from '../clock.ts'
import type { DispatchLedger, Settlement, SettleAnswer } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import type { OwnedPartition } from './owned-partition.ts'

/** Writes down how attempts ended, see {@link createSettler}. */
export interface Settler {
  /**
   * Resolves when it is written, or when it is `lost`: it belongs to another dispatcher, or the settler gave up. Calls `onCommit` before, at most
   * once, if the ledger tells that it is committed and waits for the disk.
   */
  settle(settlement: Settlement, partition: OwnedPartition, onCommit?: () => void): Promise<SettleAnswer>
  /** Tries no longer what the ledger does not take. */
  giveUp(): void
}

/** Options of {@link createSettler}. */
export interface SettlerOptions {
  ledger: Pick<DispatchLedger, 'settle'>
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  clock: Clock
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

interface Waiting {
  settlement: Settlement
  partition: OwnedPartition
  /** When it was decided. Of the monotonic clock. */
  decidedAt: number
  onCommit: (() => void) | undefined
  resolve: (answer: SettleAnswer) => void
}

// Bounds how long one commit takes, some 10 ms.
const mostAtOnce = 500
// A copy of each settlement costs more than that its attempt began so much earlier than is written.
const longestCommitInMs = 100
const firstRetryInMs = 250
const longestRetryInMs = 10_000

/**
 * Writes settlements in groups: settlements that come while a group is being committed share the next commit. If the
 * ledger fails, a settlement is tried again until it is written, or until the partition is lost. An outcome that is not
 * written means another attempt.
 */
export function createSettler({ ledger, memberId, clock, onFailure }: SettlerOptions): Settler {
  let waiting: Waiting[] = []
  let isWriting = false
  let hasGivenUp = false
  let retryInMs = firstRetryInMs

  function begin(): void {
    if (isWriting || waiting.length === 0) return
    isWriting = true
    // What else ends in this turn of the event loop comes along.
    setImmediate(() => void write())
  }

  async function write(): Promise<void> {
    const group = takeGroup()
    let isFirst = true
    // Once it is committed, the next one may be written while this one is on its way to the disk.
    const goOn = (): void => {
      if (isFirst) isWriting = false
      isFirst = false
      begin()
    }
    try {
      const now = clock.now()
      const settlements = group.map((one) => toSettlement(one, now))
      const answers =
        group.length === 0 ? [] : await ledger.settle(memberId(), settlements, listen(group, goOn))
      retryInMs = firstRetryInMs
      const locked = group.filter((one, index) => {
        const answer = answers[index] ?? 'lost'
        if (answer !== 'locked') one.resolve(answer)
        return answer === 'locked'
      })
      if (locked.length > 0) clock.after(firstRetryInMs, () => putBack(locked))
      goOn()
    } catch (error) {
      onFailure(error)
      waiting.unshift(...group)
      if (OutboxError.isInstance(error) && error.code === 'ledger_closed') hasGivenUp = true
      if (hasGivenUp) return goOn()
      clock.after(retryInMs, goOn)
      retryInMs = Math.min(2 * retryInMs, longestRetryInMs)
    }
  }

  /** Callbacks at the commit run in the context of the ledger, and the code after them must not. */
  function listen(group: readonly Waiting[], goOn: () => void): () => void {
    const { promise: committed, resolve } = Promise.withResolvers<void>()
    void tellOf(committed, group, goOn)
    return resolve
  }

  async function tellOf(
    committed: Promise<void>,
    group: readonly Waiting[],
    goOn: () => void,
  ): Promise<void> {
    await committed
    goOn()
    for (const one of group) {
      one.onCommit?.()
      one.onCommit = undefined
    }
  }

  function takeGroup(): Waiting[] {
    const group: Waiting[] = []
    while (group.length < mostAtOnce) {
      const one = waiting.shift()
      if (one === undefined) break
      if (hasGivenUp || one.partition.isLost) one.resolve('lost')
      else group.push(one)
    }
    return group
  }

  function putBack(locked: Waiting[]): void {
    waiting.push(...locked)
    begin()
  }

  return {
    settle: (settlement, partition, onCommit) =>
      new Promise((resolve) => {
        waiting.push({ settlement, partition, decidedAt: clock.now(), onCommit, resolve })
        begin()
      }),
    giveUp() {
      hasGivenUp = true
      for (const { resolve } of waiting.splice(0)) resolve('lost')
    },
  }
}

/** Says when the attempt began as of now: the ledger may have taken nothing for a while. */
function toSettlement({ settlement, decidedAt }: Waiting, now: number): Settlement {
  if (now - decidedAt < longestCommitInMs) return settlement
  const { attempt } = settlement
  return { ...settlement, attempt: { ...attempt, startedAgoInMs: attempt.startedAgoInMs + now - decidedAt } }
}
