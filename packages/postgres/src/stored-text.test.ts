import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  claimOne,
  look,
  lookAtAttempts,
  newDelivery,
  settle,
  startOfTime,
} from '../../outbox/src/testing-ledger.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()

// Whatever an endpoint may answer, U+0000 and halves of surrogate pairs included, which PostgreSQL has no place for.
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
})

describe('what is stored', () => {
  test('comes back as it was given: any answer of an endpoint', async () => {
    const ledger = await (await database.createStore()).open()
    await ledger.enqueue([newDelivery('1')])
    const kept: unknown[] = []
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (excerpt, errorMessage) => {
        const attempt = {
          startedAt: startOfTime,
          durationInMs: 0.5,
          outcome: 'retry',
          errorMessage,
          response: { headers: { 'x-text': excerpt }, excerpt, truncated: false },
        } as const
        await settle(ledger, await claimOne(ledger), { attempt, state: 'pending', readyAt: startOfTime })
        kept.push({ number: kept.length + 1, ...attempt })
        expect(await lookAtAttempts(ledger, '1')).toEqual(kept)
      }),
      { numRuns: 50 },
    )
  })

  test('comes back as it was given: any payload and keys that PostgreSQL can store', async () => {
    const ledger = await (await database.createStore()).open()
    const storable = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 50 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    let count = 0
    await fc.assert(
      fc.asyncProperty(storable, storable, storable, async (text, orderingKey, type) => {
        const delivery = newDelivery(`${(count += 1)}`, {
          payload: JSON.stringify({ text }),
          // Of its own: one that waits behind another has no time at which it is due.
          orderingKey: `${count} ${orderingKey}`,
          type,
          idempotencyKey: `${count} ${text}`,
        })
        await ledger.enqueue([delivery])
        expect(await look(ledger, delivery.id)).toMatchObject({ ...delivery, readyAt: expect.anything() })
      }),
      { numRuns: 40 },
    )
  })
})
