import type { Claim, Ledger } from '@taskhook/outbox'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newDelivery } from '../../outbox/src/testing-ledger.ts'
import type { PostgresClient } from './postgres-client.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()
const ledgerCount = 4
const senderCount = 4
const sendsEach = 25
const keys = ['a', 'b', 'c']

describe('several ledgers on one database', () => {
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
        let isSending = true

        /** Sends one after the other, each for any task; now and then in a transaction of the application. */
        async function sendAll(sender: number): Promise<void> {
          const ledger = ledgers[sender % ledgerCount]!
          const transaction = await database.connect()
          for (let index = 0; index < sendsEach; index += 1) {
            const orderingKey = keys[choose(keys.length)]!
            const id = `${sender}-${index}`
            const now = Date.now()
            const deliveries = [newDelivery(id, { orderingKey, acceptedAt: now, readyAt: now })]
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
          await ledger.enqueueWithin(transaction, deliveries)
          for (let turns = choose(5); turns > 0; turns -= 1) await transaction.query('SELECT 1')
          const isCommitted = choose(4) > 0
          await transaction.query(isCommitted ? 'COMMIT' : 'ROLLBACK')
          return isCommitted
        }

        /** Claims, holds for some turns, and ends it in one way or another, until there is nothing left. */
        async function work(ledger: Ledger<PostgresClient>, owner: string): Promise<void> {
          for (;;) {
            const wasSending = isSending
            const now = Date.now()
            const claims = await ledger.claim({
              endpointId: 'one',
              limit: 1 + choose(4),
              owner,
              now,
              leaseEndsAt: now + 60_000,
            })
            await Promise.all(claims.map((claimed) => attempt(ledger, claimed)))
            if (claims.length === 0 && !wasSending && (await isDone(ledger))) return
          }
        }

        async function attempt(ledger: Ledger<PostgresClient>, claimed: Claim): Promise<void> {
          log.begin(claimed)
          for (let turns = choose(4); turns > 0; turns -= 1) await ledger.getDelivery(claimed.id)
          log.end(claimed)
          const now = Date.now()
          const what = choose(10)
          if (what === 0) return ledger.release([claimed], now)
          const state = what < 3 ? 'pending' : what === 3 ? 'exhausted' : 'delivered'
          const outcome = state === 'delivered' ? 'delivered' : 'retry'
          const isSettled = await ledger.settle({
            lease: claimed,
            attempt: { startedAt: now, durationInMs: 1, outcome },
            state,
            now,
            ...(state === 'pending' && { readyAt: now }),
          })
          expect(isSettled).toBe(true)
        }

        const sending = Promise.all(Array.from({ length: senderCount }, (_, sender) => sendAll(sender)))
        const working = Promise.all(ledgers.map((ledger, index) => work(ledger, `${index}`)))
        await sending
        isSending = false
        await working

        for (const ids of sent.values()) {
          expect(log.firstAttempts().filter((id) => ids.includes(id))).toEqual(ids)
        }
        expect(new Set(log.firstAttempts())).toEqual(new Set([...sent.values()].flat()))
        await Promise.all(ledgers.map((ledger) => ledger.close()))
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })
})

async function isDone(ledger: Ledger<PostgresClient>): Promise<boolean> {
  const { deliveries } = await ledger.listDeliveries({ state: 'pending' }, { limit: 1 })
  return deliveries.length === 0
}

/** What is attempted, in the order it began; fails when two of one task are at the same time. */
function createLog() {
  const began: string[] = []
  const inFlight = new Map<string, string>()
  return {
    begin({ id, orderingKey }: Claim) {
      expect(inFlight.get(orderingKey), `beside ${id}`).toBeUndefined()
      inFlight.set(orderingKey, id)
      began.push(id)
    },
    end: ({ orderingKey }: Claim) => void inFlight.delete(orderingKey),
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
