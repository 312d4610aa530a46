import type { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { createOutbox, type OutboxOptions } from '../create-outbox.ts'
import type { DeliveryRecord, NewDelivery } from '../delivery.ts'
import type { Ledger } from '../ledger.ts'
import type { Outbox } from '../outbox.ts'
import type { SqliteLedgerOptions } from '../sqlite/sqlite-ledger.ts'
import { look } from './look.ts'
import { newDelivery } from './new-delivery.ts'
import { createTestClock, type TestClock } from './test-clock.ts'
import { createTestFile, openTestLedger } from './test-sqlite.ts'

type TestOutboxOptions = Partial<OutboxOptions<DatabaseSync>>

/** A ledger in a file of its own, a clock that stands still, and what a test does with them. */
export interface TestOutbox {
  file: string
  ledger: Ledger<DatabaseSync>
  clock: TestClock
  /** An outbox that is stopped with the test; jitter is in the middle. */
  createOutbox: (options: TestOutboxOptions) => Outbox<DatabaseSync>
  /** The same, started. */
  startOutbox: (options: TestOutboxOptions) => Promise<Outbox<DatabaseSync>>
  /** Accepts deliveries, as another process would: ids alone, each of a task of its own, or more said. */
  enqueue: (...deliveries: (string | Partial<NewDelivery>)[]) => Promise<void>
  look: (id: string) => Promise<DeliveryRecord>
}

/** Opens a ledger, or the same file once more as another process would. */
export function openTestOutbox({
  file = createTestFile(),
  clock = createTestClock(),
  ...options
}: Partial<SqliteLedgerOptions> & { clock?: TestClock } = {}): TestOutbox {
  const ledger = clock.watch(openTestLedger(file, { now: clock.ledgerNow, ...options }))

  function createTestOutbox(given: TestOutboxOptions): Outbox<DatabaseSync> {
    const outbox = createOutbox<DatabaseSync>({ ledger, clock, random: () => 0.5, ...given })
    onTestFinished(() => outbox.stop({ timeoutInMs: 0 }))
    return outbox
  }

  return {
    file,
    ledger,
    clock,
    createOutbox: createTestOutbox,
    async startOutbox(given) {
      const outbox = createTestOutbox(given)
      await outbox.start()
      await clock.quiet()
      return outbox
    },
    async enqueue(...deliveries) {
      await ledger.enqueue(
        deliveries.map((given) => {
          const { id, ...rest } = typeof given === 'string' ? { id: given, orderingKey: given } : given
          return newDelivery(id!, rest)
        }),
      )
      await clock.quiet()
    },
    look: (id) => look(ledger, id),
  }
}
