/** A few at a time, in the order asked, see {@link createTurns}. */
export interface Turns {
  /** Resolves when it is the caller's turn, to what ends the turn. Rejects with the signal's reason when that comes first. */
  take(signal: AbortSignal): Promise<() => void>
}

/** Gives turns, `count` at a time. */
export function createTurns(count: number): Turns {
  let free = count
  const waiting = new Set<() => void>()

  function end(): void {
    const [next] = waiting
    if (next === undefined) free += 1
    else next()
  }

  return {
    async take(signal) {
      signal.throwIfAborted()
      if (free > 0) free -= 1
      else await wait(waiting, signal)
      return once(end)
    },
  }
}

function wait(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      stop()
      resolve()
    }
    const abort = (): void => {
      stop()
      reject(signal.reason as Error)
    }
    function stop(): void {
      waiting.delete(go)
      signal.removeEventListener('abort', abort)
    }
    waiting.add(go)
    signal.addEventListener('abort', abort)
  })
}

function once(operation: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    operation()
  }
}
