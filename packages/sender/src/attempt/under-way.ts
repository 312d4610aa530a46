/** An attempt that is under way. */
interface AttemptUnderWay {
  /** As `performance.now()` has it. */
  readonly startedAt: number
  /** Its time is over: called once at most, and not after {@link AttemptsUnderWay.end}. */
  readonly onTimeout: () => void
  isOver: boolean
  previous: AttemptUnderWay | undefined
  next: AttemptUnderWay | undefined
}

/** The attempts that are under way at one endpoint, all of which may take equally long. */
export interface AttemptsUnderWay {
  begin(onTimeout: () => void): AttemptUnderWay
  end(attempt: AttemptUnderWay): void
  /** Resolves once there is none. */
  ended(): Promise<void>
}

/**
 * Keeps the attempts in the order in which they began, which is also the order of their deadlines. So one timer, for
 * the oldest, is enough. A timer for each attempt would cost more than anything else on this side.
 */
export function createAttemptsUnderWay(timeoutInMs: number): AttemptsUnderWay {
  let oldest: AttemptUnderWay | undefined
  let latest: AttemptUnderWay | undefined
  let timer: NodeJS.Timeout | undefined
  let whenEnded: (() => void)[] = []

  function arm(attempt: AttemptUnderWay): void {
    const leftInMs = attempt.startedAt + timeoutInMs - performance.now()
    timer = setTimeout(onTimer, Math.max(1, Math.ceil(leftInMs)))
  }

  function onTimer(): void {
    const now = performance.now()
    // An answer that came in while this process was busy is read before the attempt is given up.
    setImmediate(() => {
      while (oldest !== undefined && oldest.startedAt + timeoutInMs <= now) {
        const expired = oldest
        remove(expired)
        expired.onTimeout()
      }
      timer = undefined
      if (oldest === undefined) settle()
      else arm(oldest)
    })
  }

  function remove(attempt: AttemptUnderWay): void {
    if (attempt.isOver) return
    attempt.isOver = true
    const { previous, next } = attempt
    if (previous === undefined) oldest = next
    else previous.next = next
    if (next === undefined) latest = previous
    else next.previous = previous
  }

  function settle(): void {
    for (const resolve of whenEnded) resolve()
    whenEnded = []
  }

  return {
    begin(onTimeout) {
      const startedAt = performance.now()
      const attempt = { startedAt, onTimeout, isOver: false, previous: latest, next: undefined }
      if (latest === undefined) oldest = attempt
      else latest.next = attempt
      latest = attempt
      // One that was armed for an attempt before fires early, sees that it is early, and is armed for this one then.
      if (timer === undefined) arm(attempt)
      else if (oldest === attempt) timer.ref()
      return attempt
    },
    end(attempt) {
      remove(attempt)
      if (oldest !== undefined) return
      // It may stay armed, but it is no reason for the process to live on.
      timer?.unref()
      if (whenEnded.length > 0) settle()
    },
    ended: () =>
      oldest === undefined ? Promise.resolve() : new Promise((resolve) => whenEnded.push(resolve)),
  }
}
