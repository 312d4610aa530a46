import type { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { DeliveryRecord, NewDelivery } from './delivery.ts'
import { createDispatcher, type Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import type { Ledger } from './ledger.ts'
import type { SqliteLedgerOptions } from './sqlite/sqlite-ledger.ts'
import { createTestFile, openTestLedger } from './sqlite/testing-sqlite.ts'
import { createTestClock, type TestClock } from './testing-clock.ts'
import { look, newDelivery } from './testing-ledger.ts'

type TestDispatcherOptions = Partial<DispatcherOptions> & Pick<DispatcherOptions, 'endpoints'>

/** A ledger in a file of its own, a clock that stands still, and what a test does with them. */
export interface TestOutbox {
  file: string
  ledger: Ledger<DatabaseSync>
  clock: TestClock
  /** A dispatcher that is stopped with the test; jitter is in the middle. */
  createDispatcher: (options: TestDispatcherOptions) => Dispatcher
  /** The same, started. */
  startDispatcher: (options: TestDispatcherOptions) => Promise<Dispatcher>
  /** Accepts deliveries as of now: ids alone, each of a task of its own, or more said. */
  enqueue: (...deliveries: (string | Partial<NewDelivery>)[]) => Promise<void>
  look: (id: string) => Promise<DeliveryRecord>
}

/** Opens a ledger for a dispatcher, or the same file once more as another process would. */
export function openTestOutbox({
  file = createTestFile(),
  clock = createTestClock(),
  ...options
}: Partial<SqliteLedgerOptions> & { clock?: TestClock } = {}): TestOutbox {
  const ledger = clock.watch(openTestLedger(file, options))

  function createTestDispatcher(given: TestDispatcherOptions): Dispatcher {
    const dispatcher = createDispatcher({ ledger, clock, random: () => 0.5, ...given })
    onTestFinished(() => dispatcher.stop({ timeoutInMs: 0 }))
    return dispatcher
  }

  return {
    file,
    ledger,
    clock,
    createDispatcher: createTestDispatcher,
    async startDispatcher(given) {
      const dispatcher = createTestDispatcher(given)
      await dispatcher.start()
      await clock.quiet()
      return dispatcher
    },
    async enqueue(...deliveries) {
      const now = clock.now()
      await ledger.enqueue(
        deliveries.map((given) => {
          const { id, ...rest } = typeof given === 'string' ? { id: given, orderingKey: given } : given
          return newDelivery(id!, { acceptedAt: now, readyAt: now, ...rest })
        }),
      )
    },
    look: (id) => look(ledger, id),
  }
}
