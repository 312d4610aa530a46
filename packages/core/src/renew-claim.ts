import type { DedupeClaim } from './dedupe-store.ts'

/** How long a claim is held without renewal, and how long it is renewed; both in milliseconds. */
export interface ClaimTimes {
  claimInMs: number
  handlingTimeoutInMs: number
}

/**
 * Renews a claim each third of its time, so that two renewals may fail before it ends. A handler that has not ended
 * within the timeout may never do so, and its delivery must not be held back as long as the process lives.
 *
 * @param giveUp is called when the timeout is over.
 * @returns what stops it.
 */
export function renewClaim(
  claim: Pick<DedupeClaim, 'renew'>,
  { claimInMs, handlingTimeoutInMs }: ClaimTimes,
  giveUp: () => void,
): () => void {
  const intervalInMs = claimInMs / 3
  let remaining = Math.floor(handlingTimeoutInMs / intervalInMs)
  let isRenewing = false
  const timer = setInterval(() => {
    remaining -= 1
    if (remaining < 0) {
      stop()
      return giveUp()
    }
    if (!isRenewing) void renew()
  }, intervalInMs)
  // A process that has nothing else to do may end: its claims end with it, a little later.
  timer.unref()
  return stop

  function stop(): void {
    clearInterval(timer)
  }

  async function renew(): Promise<void> {
    isRenewing = true
    try {
      // A store that was not compiled may answer with nothing. Only `false` says that it is lost: to renew too often does no harm.
      const isHeld: unknown = await claim.renew()
      if (isHeld === false) stop()
    } catch {
      // The next renewal may succeed. If none does, the handler's end tells of the store's failure.
    } finally {
      isRenewing = false
    }
  }
}
