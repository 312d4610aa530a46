/** Deletes what is kept no longer, see {@link createPurge}. */
export interface Purge {
  /** An id was claimed: time to look, now and then. */
  afterBegin(): void
  stop(): void
}

const longestIntervalInMs = 60_000
const rowsAtATime = 500

/**
 * Purges while receivers work, in steps that are short each, so that none of them waits for it. By what is claimed, and not by
 * a timer: what grows no more need not shrink.
 *
 * @param remove deletes up to `limit` rows; resolves to how many.
 */
export function createPurge(
  remove: (limit: number) => Promise<number>,
  { keepInMs, now = () => performance.now() }: { keepInMs: number; now?: () => number },
): Purge {
  const intervalInMs = Math.min(longestIntervalInMs, keepInMs)
  let lookedAt = Number.NEGATIVE_INFINITY
  let isStopped = false

  async function run(): Promise<void> {
    try {
      while (!isStopped && (await remove(rowsAtATime)) === rowsAtATime);
    } catch {
      // What fails the next time too, fails the receivers: they tell.
    }
  }

  return {
    afterBegin() {
      const time = now()
      // A clock that was set back does not hold it off.
      if (Math.abs(time - lookedAt) < intervalInMs) return
      lookedAt = time
      void run()
    },
    stop: () => void (isStopped = true),
  }
}
