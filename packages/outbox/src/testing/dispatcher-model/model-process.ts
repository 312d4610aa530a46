import { createOutboxChannels } from '../../channels.ts'
import type { Clock } from '../../clock.ts'
import type { AttemptReport } from '../../delivery.ts'
import { createCompany } from '../../dispatch/company.ts'
import { createDispatcher } from '../../dispatch/create-dispatcher.ts'
import type { Dispatcher } from '../../dispatch/dispatcher.ts'
import type { EndpointSpec } from '../../dispatch/endpoint-spec.ts'
import type { DispatchLedger, Ledger, ReadDelivery } from '../../ledger.ts'
import { createDeliveries } from '../../operate/deliveries.ts'
import type { OutboxDeliveries } from '../../operate/operators.ts'
import { OutboxError } from '../../outbox-error.ts'
import type { TestClock } from '../test-clock.ts'

/** What all processes of a model have configured of their endpoint. */
export type ModelEndpoint = Pick<
  EndpointSpec,
  'whenExhausted' | 'transaction' | 'crashLimit' | 'retryScheduleInMs'
>

/** A process of the model: a dispatcher whose timers, reads and attempts stand still while it is stalled. */
export interface ModelProcess<T = unknown> {
  readonly id: string
  readonly ledger: Ledger<T>
  dispatcher: Dispatcher
  deliveries: OutboxDeliveries
  state: 'awake' | 'stalled' | 'killed'
  /** How long each operation of the ledger takes from now on, before and after it is done. */
  slowness: { beforeInMs: number; afterInMs: number }
  /** The longest that an operation has taken because of that. */
  longestInMs: number
  /** Whether its ledger fails. */
  isFailing: boolean
  stall: () => void
  wake: () => void
  kill: () => void
}

/** Options of {@link createModelProcess}. */
export interface ModelProcessOptions<T> {
  id: string
  time: TestClock
  /** Its own, as processes have. */
  ledger: Ledger<T>
  leaseInMs: number
  endpoint: ModelEndpoint
  attempt: (process: ModelProcess, delivery: ReadDelivery, signal: AbortSignal) => Promise<AttemptReport>
  /** What an attempt that delivers writes into its transaction. */
  writeEffect: (transaction: T, number: number) => Promise<void>
}

/** Makes a process that is not started yet. */
export function createModelProcess<T>({
  id,
  time,
  ledger,
  leaseInMs,
  endpoint,
  attempt,
  writeEffect,
}: ModelProcessOptions<T>): ModelProcess<T> {
  let deferred: (() => void)[] = []

  /** What happens to a process happens when it is awake, and to one that was killed never. */
  function run(callback: () => void): void {
    if (process.state === 'awake') callback()
    else if (process.state === 'stalled') deferred.push(callback)
  }

  const gate = (): Promise<void> => new Promise(run)

  function pass(durationInMs: number): Promise<void> {
    process.longestInMs = Math.max(process.longestInMs, durationInMs)
    return durationInMs === 0
      ? Promise.resolve()
      : new Promise((resolve) => void time.after(durationInMs, resolve))
  }

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

  const spec: EndpointSpec<T> = {
    ...endpoint,
    id: 'one',
    maxConcurrency: 4,
    async attempt(delivery, signal, context) {
      const report = await attempt(process, delivery, signal)
      await gate()
      // At the end, since it keeps the file from all other processes, which wait in real time.
      if (endpoint.transaction === true && report.outcome === 'delivered') {
        await time.whileUnderWay(writeEffect(context.transaction!, delivery.number))
      }
      return report
    },
  }

  const dispatcher = createDispatcher({
    id,
    ledger: dispatch,
    endpoints: [spec],
    leaseInMs,
    retentionInMs: 30 * 24 * 3_600_000,
    clock,
    random: () => 0.5,
    channels: createOutboxChannels(id),
    company: createCompany(),
  })

  const process: ModelProcess<T> = {
    id,
    ledger,
    dispatcher,
    deliveries: createDeliveries({ ledger: { ...ledger, dispatch }, dispatcher }),
    state: 'awake',
    slowness: { beforeInMs: 0, afterInMs: 0 },
    longestInMs: 0,
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
