import { createOutbox, type EndpointSpec } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { newDelivery } from '@taskhook/outbox/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PostgresClient } from './connection/postgres-client.ts'
import { useTestDatabase } from './testing/test-database.ts'
import { until } from './testing/until.ts'

const database = useTestDatabase()
const ledgerCount = 3
const senderCount = 4
const sendsEach = 25
const keys = ['a', 'b', 'c', 'd', 'e']

describe('several outboxes on one database', () => {
  test('attempt each delivery of a task alone and in the order sent, and leave none, whatever they do at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const choose = createChoice(seed)
        const schema = database.createSchema()
        const ledgers = await Promise.all(
          Array.from({ length: ledgerCount }, () => database.open({ schema })),
        )
        const sent = new Map<string, string[]>()
        const log = createLog()

        /** Sends one after the other, each for any task; now and then in a transaction of the application. */
        async function sendAll(sender: number): Promise<void> {
          const ledger = ledgers[sender % ledgerCount]!
          const transaction = await database.connect()
          for (let index = 0; index < sendsEach; index += 1) {
            const orderingKey = keys[choose(keys.length)]!
            const id = `${sender}-${index}`
            const deliveries = [newDelivery(id, { orderingKey })]
            if (choose(2) === 0) await ledger.enqueue(deliveries)
            else if (!(await sendWithin(ledger, transaction, deliveries))) continue
            const line = `${sender} ${orderingKey}`
            sent.set(line, [...(sent.get(line) ?? []), id])
          }
        }

        async function sendWithin(
          ledger: Ledger<PostgresClient>,
          transaction: PostgresClient,
          deliveries: ReturnType<typeof newDelivery>[],
        ): Promise<boolean> {
          await transaction.query('BEGIN')
          await ledger.enqueue(deliveries, { transaction })
          for (let turns = choose(5); turns > 0; turns -= 1) await transaction.query('SELECT 1')
          const isCommitted = choose(4) > 0
          await transaction.query(isCommitted ? 'COMMIT' : 'ROLLBACK')
          return isCommitted
        }

        const outboxes = ledgers.map((ledger) => {
          const endpoint: EndpointSpec = {
            id: 'one',
            maxConcurrency: 4,
            retryScheduleInMs: [0, 0, 0],
            async attempt(delivery) {
              log.begin(delivery)
              for (let turns = choose(4); turns > 0; turns -= 1) await ledger.operate.getDelivery(delivery.id)
              log.end(delivery)
              return { outcome: choose(4) === 0 ? 'retry' : 'delivered', durationInMs: 1 }
            },
          }
          return createOutbox({ ledger, endpoints: [endpoint] })
        })
        const sending = Promise.all(Array.from({ length: senderCount }, (_, sender) => sendAll(sender)))
        // One after the other, so that partitions change hands meanwhile; and one leaves before all is done.
        for (const outbox of outboxes) {
          await outbox.start()
          await until(() => log.firstAttempts().length > choose(20))
        }
        await outboxes[0]!.stop()
        await sending
        await until(async () => {
          const { deliveries } = await ledgers[0]!.operate.listDeliveries({ state: 'pending' }, { limit: 1 })
          return deliveries.length === 0
        })
        await Promise.all(outboxes.map((outbox) => outbox.stop()))

        for (const ids of sent.values()) {
          expect(log.firstAttempts().filter((id) => ids.includes(id))).toEqual(ids)
        }
        expect(new Set(log.firstAttempts())).toEqual(new Set([...sent.values()].flat()))
        await Promise.all(ledgers.map((ledger) => ledger.close()))
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })
})

/** What is attempted, in the order it began; fails when two of one task are at the same time. */
function createLog() {
  const began: string[] = []
  const inFlight = new Map<string, string>()
  return {
    begin({ id, orderingKey }: { id: string; orderingKey: string }) {
      expect(inFlight.get(orderingKey), `beside ${id}`).toBeUndefined()
      inFlight.set(orderingKey, id)
      began.push(id)
    },
    end: ({ orderingKey }: { orderingKey: string }) => void inFlight.delete(orderingKey),
    firstAttempts: () => [...new Set(began)],
  }
}

/** Whole numbers below a limit; the same ones for the same seed, as long as they are asked for in the same order. */
function createChoice(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    // The constants of Numerical Recipes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}
