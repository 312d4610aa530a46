import { channels } from './channels.ts'
import type { Clock } from './clock.ts'
import type { Ledger } from './ledger.ts'

/** Deletes what was delivered long ago, see {@link createRetention}. */
export interface Retention {
  start(): void
  stop(): void
}

// Some milliseconds of the ledger's time, and then it is somebody else's turn.
const batchSize = 500
const pauseBetweenBatchesInMs = 50
const pauseBetweenRoundsInMs = 60_000

/** Deletes deliveries some time after they were delivered, in small batches with pauses, so that none is waited for. */
export function createRetention({
  ledger,
  clock,
  retentionInMs,
}: {
  ledger: Ledger
  clock: Clock
  retentionInMs: number
}): Retention {
  let cancel: (() => void) | undefined
  let isStopped = false

  async function purge(): Promise<void> {
    let pause = pauseBetweenRoundsInMs
    try {
      const count = await ledger.purge(clock.now() - retentionInMs, batchSize)
      if (count === batchSize) pause = pauseBetweenBatchesInMs
    } catch (error) {
      channels.failed.publish({ error })
    }
    if (!isStopped) cancel = clock.after(pause, () => void purge())
  }

  return {
    start: () => void purge(),
    stop() {
      isStopped = true
      cancel?.()
    },
  }
}
