import type { Clock } from '../clock.ts'
import type { DispatchLedger } from '../ledger.ts'

/** Keeps a ledger in order beside its deliveries, see {@link createMaintenance}. */
export interface Maintenance {
  start(): void
  /** The ledger's time, as it has just been told. */
  noteTime(ledgerNow: number): void
  stop(): void
}

/** Options of {@link createMaintenance}. */
export interface MaintenanceOptions {
  ledger: Pick<DispatchLedger, 'purge' | 'shortenWaits'>
  clock: Clock
  /** How long a delivered delivery is kept. */
  retentionInMs: number
  /** Called when waits were shortened. */
  onShortened: () => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

// Some milliseconds of the ledger's time, and then it is the turn of something else.
const batchSize = 500
const pauseBetweenBatchesInMs = 50
const pauseBetweenRoundsInMs = 60_000
const retryInMs = 1000
// Clocks that are kept right by small steps are no reason.
const leastSetBackInMs = 1000

/**
 * Deletes what was delivered long ago, in small batches with pauses, so that nothing waits for it. And mends the waits of retries when
 * the ledger's clock was set back: otherwise they would last longer by as much.
 */
export function createMaintenance({
  ledger,
  clock,
  retentionInMs,
  onShortened,
  onFailure,
}: MaintenanceOptions): Maintenance {
  let cancelPurge: (() => void) | undefined
  let isStopped = false
  let isShortening = false
  /** The ledger's time less the monotonic one: falls when the ledger's clock is set back. */
  let offset: number | undefined

  async function purge(): Promise<void> {
    let pause = pauseBetweenRoundsInMs
    try {
      const count = await ledger.purge(retentionInMs, batchSize)
      if (count >= batchSize) pause = pauseBetweenBatchesInMs
    } catch (error) {
      onFailure(error)
    }
    if (isStopped) return
    cancelPurge = clock.after(pause, () => {
      // The clock may have been set forward and back between two looks at it.
      if (pause === pauseBetweenRoundsInMs) void shorten()
      void purge()
    })
  }

  async function shorten(): Promise<void> {
    if (isShortening || isStopped) return
    isShortening = true
    try {
      let count: number
      do {
        count = await ledger.shortenWaits(batchSize)
        if (count > 0) onShortened()
      } while (count >= batchSize && !isStopped)
    } catch (error) {
      onFailure(error)
      clock.after(retryInMs, () => void shorten())
    }
    isShortening = false
  }

  return {
    start() {
      void purge()
      // The clock may have been set back while no dispatcher was there to notice.
      void shorten()
    },
    noteTime(ledgerNow) {
      const current = ledgerNow - clock.now()
      const isSetBack = offset !== undefined && current < offset - leastSetBackInMs
      offset = current
      if (isSetBack) void shorten()
    },
    stop() {
      isStopped = true
      cancelPurge?.()
    },
  }
}
