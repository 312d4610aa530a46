import type { Clock } from '../clock.ts'
import type { Ledger, Settlement } from '../ledger.ts'
import { startOfTime } from './new-delivery.ts'

/** A monotonic clock that a test moves, and a ledger's clock that goes with it. */
export interface TestClock extends Clock {
  /** The ledger's time: that of this clock, plus {@link TestClock.setLedgerClock}. */
  ledgerNow: () => number
  /** Sets the ledger's clock so much ahead of this one, or back. */
  setLedgerClock(aheadInMs: number): void
  /** Lets time pass: timers call back in their order, and what each one brings about is over before the next. */
  advance(durationInMs: number): Promise<void>
  /** Lets time pass while this process is asleep: no timer calls back. */
  sleep(durationInMs: number): void
  /** Waits until nothing is under way at the ledgers that are watched, without time passing. */
  quiet(): Promise<void>
  /** Has it wait for something else than an operation of a ledger. */
  whileUnderWay<Result>(work: Promise<Result>): Promise<Result>
  /**
   * The same ledger, its operations counted as under way until they are over. It tells of changes at once and by itself, so that no test
   * depends on how often a store looks.
   */
  watch<T>(ledger: Ledger<T>): Ledger<T>
  /** How often each operation was called at the ledgers that are watched. */
  readonly calls: ReadonlyMap<string, number>
  /** How many timers have not called back yet. */
  timerCount(): number
}

interface Timer {
  at: number
  callback: () => void
}

const changing = new Set([
  'enqueue',
  'join',
  'leave',
  'bury',
  'release',
  'setCircuit',
  'resend',
  'cancel',
  'pauseEndpoint',
  'resumeEndpoint',
])

// What ends in one turn may begin something in the next one, and that something in the one after.
const quietTurns = 4

/** Time stands still at {@link startOfTime} until the test moves it. */
export function createTestClock(): TestClock {
  let now = startOfTime
  let aheadInMs = 0
  let timers: Timer[] = []
  let underWayCount = 0
  let operationCount = 0
  const calls = new Map<string, number>()
  const listeners = new Set<() => void>()

  async function quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns += 1) {
      const before = operationCount
      await new Promise<void>((resolve) => void setImmediate(resolve))
      if (underWayCount > 0 || operationCount !== before) turns = -1
    }
  }

  function tell(): void {
    for (const listener of listeners) listener()
  }

  function watchOperation<Given extends unknown[]>(
    name: string,
    operation: (...given: Given) => unknown,
  ): (...given: Given) => unknown {
    return (...given) => {
      calls.set(name, (calls.get(name) ?? 0) + 1)
      const result = operation(...given)
      // An attempt may wait for the transaction of another, for as long as a test has that go on.
      if (!(result instanceof Promise) || name === 'begin') return result
      underWayCount += 1
      operationCount += 1
      const over = (): void => void (underWayCount -= 1)
      result.then(over, over)
      if (isChange(name, given)) result.then(tell, () => {})
      return result
    }
  }

  function watchAll<T extends object>(target: T): T {
    return new Proxy(target, {
      get(_, name) {
        const value = target[name as keyof T]
        if (typeof value !== 'function') return value
        return watchOperation(String(name), value.bind(target) as (...given: unknown[]) => unknown)
      },
    })
  }

  return {
    now: () => now,
    after(delayInMs, callback) {
      const timer: Timer = { at: now + delayInMs, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    ledgerNow: () => Math.floor(now + aheadInMs),
    setLedgerClock: (ahead) => void (aheadInMs = ahead),
    quiet,
    async whileUnderWay(work) {
      underWayCount += 1
      operationCount += 1
      try {
        return await work
      } finally {
        underWayCount -= 1
      }
    },
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
    watch<T>(ledger: Ledger<T>): Ledger<T> {
      const watched = watchAll(ledger)
      const dispatch = {
        ...Object.fromEntries(Object.entries(watchAll({ ...ledger.dispatch }))),
        onChange(listener: () => void) {
          const own = (): void => listener()
          listeners.add(own)
          return () => void listeners.delete(own)
        },
      } as Ledger<T>['dispatch']
      return {
        enqueue: watched.enqueue.bind(watched),
        close: watched.close.bind(watched),
        dispatch,
        operate: watchAll(ledger.operate),
      }
    },
    calls,
    timerCount: () => timers.length,
  }
}

function isChange(name: string, given: unknown[]): boolean {
  if (name !== 'settle') return changing.has(name)
  return (given[1] as Settlement[]).some(({ attempt }) => attempt.outcome === 'gone')
}
