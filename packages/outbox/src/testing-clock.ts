import type { Clock } from './clock.ts'
import type { Ledger } from './ledger.ts'
import { startOfTime } from './testing-ledger.ts'

/** A clock that a test moves. */
export interface TestClock extends Clock {
  /** Lets time pass: timers call back in their order, and what each one brings about is over before the next. */
  advance(durationInMs: number): Promise<void>
  /** Lets time pass while this process is asleep: no timer calls back. */
  sleep(durationInMs: number): void
  /** Waits until nothing is under way at the ledgers that are watched, without time passing. */
  quiet(): Promise<void>
  /** The same ledger, its operations counted as under way until they are over. */
  watch<T>(ledger: Ledger<T>): Ledger<T>
  /** How many timers have not called back yet. */
  timerCount(): number
}

interface Timer {
  at: number
  callback: () => void
}

/** Time stands still at {@link startOfTime} until the test moves it. */
export function createTestClock(): TestClock {
  let now = startOfTime
  let timers: Timer[] = []
  let underWayCount = 0
  let operationCount = 0

  async function quiet(): Promise<void> {
    // What an operation brings about may begin the next one: until a whole turn of the event loop began none.
    for (;;) {
      const before = operationCount
      await new Promise<void>((resolve) => void setImmediate(resolve))
      if (underWayCount === 0 && operationCount === before) return
    }
  }

  function count(operation: Promise<unknown>): void {
    underWayCount += 1
    operationCount += 1
    const over = (): void => void (underWayCount -= 1)
    operation.then(over, over)
  }

  return {
    now: () => now,
    after(delayInMs, callback) {
      const timer: Timer = { at: now + delayInMs, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    quiet,
    async advance(durationInMs) {
      const end = now + durationInMs
      await quiet()
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined || next.at > end) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.callback()
        await quiet()
      }
      now = end
    },
    sleep(durationInMs) {
      now += durationInMs
    },
    watch: <T>(ledger: Ledger<T>) =>
      new Proxy(ledger, {
        get(target, name) {
          const operation = target[name as keyof Ledger<T>] as (...given: unknown[]) => unknown
          return (...given: unknown[]) => {
            const result = operation.apply(target, given)
            if (result instanceof Promise) count(result)
            return result
          }
        },
      }),
    timerCount: () => timers.length,
  }
}
