/** Time that only goes forward, passed in so that a test can make it. */
export interface Clock {
  /** Milliseconds since some moment; never goes back, whatever the clock on the wall does. */
  now: () => number
  /** Calls back once after a time; returns what calls it off. Does not keep the process alive. */
  after: (delayInMs: number, callback: () => void) => () => void
}

/** What a timer of Node.js can hold; a longer one would fire at once. */
export const maxTimerInMs: number = 2 ** 31 - 1

/** The monotonic time of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayInMs, callback) {
    const timer = setTimeout(callback, Math.min(delayInMs, maxTimerInMs))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
