import type { Clock } from '../clock.ts'

/** Which attempts of a process are under way at the same time, see {@link createCompany}. */
export interface Company {
  /** Begins beside others; resolves to what ends it. Waits while one is alone, or is waiting to be. Rejects with the signal's reason. */
  join(signal: AbortSignal): Promise<() => void>
  /** Begins when all others have ended, or after a time all the same; nothing begins until it has ended. */
  joinAlone(signal: AbortSignal, clock: Clock): Promise<() => void>
}

// The others may never end, and everything waits for them meanwhile.
const longestWaitInMs = 30_000

/** Lets one attempt be alone now and then: should the process end, it is the one to blame. */
export function createCompany(): Company {
  let present = 0
  /** One that is alone or waits to be: the others wait for its end. */
  let solitary: Promise<void> | undefined
  let onEmpty: (() => void) | undefined

  function enter(): () => void {
    present += 1
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      present -= 1
      if (present === 0) onEmpty?.()
    }
  }

  return {
    async join(signal) {
      signal.throwIfAborted()
      while (solitary !== undefined) await orAborted(solitary, signal)
      return enter()
    },
    async joinAlone(signal, clock) {
      signal.throwIfAborted()
      // And taken in the same turn: of several that wait, all are woken.
      while (solitary !== undefined) await orAborted(solitary, signal)
      const { promise, resolve } = Promise.withResolvers<void>()
      solitary = promise
      const end = (): void => {
        // Gives back only its own place: a second end would give back the place of another attempt.
        if (solitary === promise) solitary = undefined
        resolve()
      }
      const { promise: empty, resolve: goOn } = Promise.withResolvers<void>()
      const cancel = clock.after(longestWaitInMs, goOn)
      onEmpty = goOn
      try {
        if (present > 0) await orAborted(empty, signal)
      } catch (error) {
        end()
        throw error
      } finally {
        cancel()
        onEmpty = undefined
      }
      const leave = enter()
      return () => {
        leave()
        end()
      }
    },
  }
}

/** That of this process. Any outbox in it may have the attempt that ends it. */
export const processCompany: Company = createCompany()

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
