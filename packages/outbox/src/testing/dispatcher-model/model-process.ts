import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../clock.ts'
import { createOutbox } from '../../create-outbox.ts'
import type { AttemptReport } from '../../delivery.ts'
import type { DispatchLedger, Ledger, ReadDelivery } from '../../ledger.ts'
import { OutboxError } from '../../outbox-error.ts'
import type { Outbox } from '../../outbox.ts'
import type { TestClock } from '../test-clock.ts'

/** A process of the model: an outbox whose timers, reads and attempts stand still while it is stalled. */
export interface ModelProcess {
  outbox: Outbox<DatabaseSync>
  state: 'awake' | 'stalled' | 'killed'
  /** How long each operation of the ledger takes from now on, before and after it is done. */
  slowness: { beforeInMs: number; afterInMs: number }
  /** Whether its ledger fails. */
  isFailing: boolean
  stall: () => void
  wake: () => void
  kill: () => void
}

/** Options of {@link createModelProcess}. */
export interface ModelProcessOptions {
  time: TestClock
  ledger: Ledger<DatabaseSync>
  leaseInMs: number
  attempt: (process: ModelProcess, delivery: ReadDelivery, signal: AbortSignal) => Promise<AttemptReport>
}

/** Makes a process that is not started yet. */
export function createModelProcess({ time, ledger, leaseInMs, attempt }: ModelProcessOptions): ModelProcess {
  let deferred: (() => void)[] = []

  /** What happens to a process happens when it is awake, and to one that was killed never. */
  function run(callback: () => void): void {
    if (process.state === 'awake') callback()
    else if (process.state === 'stalled') deferred.push(callback)
  }

  const gate = (): Promise<void> => new Promise(run)

  const pass = (durationInMs: number): Promise<void> =>
    durationInMs === 0 ? Promise.resolve() : new Promise((resolve) => void time.after(durationInMs, resolve))

  const clock: Clock = {
    now: () => time.now(),
    after(delayInMs, callback) {
      let isOff = false
      const callOff = time.after(delayInMs, () => run(() => !isOff && callback()))
      return () => {
        isOff = true
        callOff()
      }
    },
  }

  const dispatch = new Proxy(ledger.dispatch, {
    get(target, name) {
      if (name === 'onChange') return (listener: () => void) => target.onChange(() => run(listener))
      const operation = target[name as keyof DispatchLedger]
      if (typeof operation !== 'function') return operation
      return async (...given: unknown[]) => {
        const { beforeInMs, afterInMs } = process.slowness
        await pass(beforeInMs)
        await gate()
        if (process.isFailing) throw new OutboxError('ledger_unavailable', `${String(name)}: no luck`)
        try {
          return await (operation as (...given: unknown[]) => Promise<unknown>)(...given)
        } finally {
          await pass(afterInMs)
          await gate()
        }
      }
    },
  })

  const process: ModelProcess = {
    outbox: createOutbox<DatabaseSync>({
      ledger: { ...ledger, dispatch },
      clock,
      random: () => 0.5,
      leaseInMs,
      endpoints: [
        {
          id: 'one',
          maxConcurrency: 4,
          retryScheduleInMs: [0, 1000, 5000, 10_000],
          async attempt(delivery, signal) {
            const report = await attempt(process, delivery, signal)
            await gate()
            return report
          },
        },
      ],
    }),
    state: 'awake',
    slowness: { beforeInMs: 0, afterInMs: 0 },
    isFailing: false,
    stall() {
      if (process.state === 'awake') process.state = 'stalled'
    },
    wake() {
      if (process.state !== 'stalled') return
      process.state = 'awake'
      for (const callback of deferred.splice(0)) callback()
    },
    kill() {
      process.state = 'killed'
      deferred = []
    },
  }
  return process
}
