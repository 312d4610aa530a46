import type { Clock } from '../clock.ts'
import type { DispatchLedger, NewRead, ReadPosition } from '../ledger.ts'
import { nextTurn } from './next-turn.ts'

/** Reads what is new, see {@link createNewReader}. */
export interface NewReader {
  /** Notes the end as it is now: what is pending there already is for the endpoints' own reads. */
  start(): Promise<void>
  /** Reads on; something may have come. */
  read(): void
  /** Resolves when a read that began after this call has found nothing more. */
  readToEnd(): Promise<void>
  stop(): void
}

/** Options of {@link createNewReader}. */
export interface NewReaderOptions {
  ledger: Pick<DispatchLedger, 'readNew'>
  clock: Clock
  /** Called before each read, and with its answer, or without one when it failed. */
  beginRead: () => (read: NewRead | undefined) => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

const mostAtOnce = 500
const firstRetryInMs = 250
const longestRetryInMs = 10_000

/**
 * One read for all endpoints, so that a thousand idle endpoints cost nothing. It continues where it ended, and brings
 * each endpoint its new deliveries.
 */
export function createNewReader({ ledger, clock, beginRead, onFailure }: NewReaderOptions): NewReader {
  let position: ReadPosition | undefined
  let isReading = false
  let isAskedFor = false
  let isStopped = false
  let retryInMs = firstRetryInMs
  let waiters: { round: number; resolve: () => void }[] = []
  let round = 0

  function read(): void {
    isAskedFor = true
    if (isReading || isStopped || position === undefined) return
    isReading = true
    void readOn()
  }

  async function readOn(): Promise<void> {
    while (isAskedFor && !isStopped) {
      isAskedFor = false
      round += 1
      const endRead = beginRead()
      let answer: NewRead | undefined
      try {
        answer = await ledger.readNew(position, mostAtOnce)
        position = answer.position
        retryInMs = firstRetryInMs
      } catch (error) {
        onFailure(error)
      }
      endRead(answer)
      if (answer === undefined) {
        isAskedFor = true
        clock.after(retryInMs, () => {
          isReading = false
          read()
        })
        retryInMs = Math.min(2 * retryInMs, longestRetryInMs)
        return
      }
      if (answer.isEnd) {
        settle(round)
        continue
      }
      isAskedFor = true
      await nextTurn()
    }
    isReading = false
  }

  function settle(upTo: number): void {
    const done = waiters.filter((waiter) => waiter.round <= upTo)
    waiters = waiters.filter((waiter) => waiter.round > upTo)
    for (const { resolve } of done) resolve()
  }

  return {
    async start() {
      position = (await ledger.readNew(undefined, mostAtOnce)).position
    },
    read,
    readToEnd() {
      return new Promise((resolve) => {
        if (isStopped) return resolve()
        waiters.push({ round: round + 1, resolve })
        read()
      })
    },
    stop() {
      isStopped = true
      settle(Number.POSITIVE_INFINITY)
    },
  }
}
