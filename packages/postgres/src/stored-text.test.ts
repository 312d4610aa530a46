import { joinDispatcher, look, lookAtAttempts, newDelivery } from '@taskhook/outbox/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()

// Whatever an endpoint may answer, U+0000 and halves of surrogate pairs included, which PostgreSQL has no place for.
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
})

describe('what is stored', () => {
  test('comes back as it was given: any answer of an endpoint', async () => {
    const ledger = await database.open()
    const dispatcher = await joinDispatcher(ledger)
    await ledger.enqueue([newDelivery('1')])
    const kept: unknown[] = []
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (excerpt, errorMessage) => {
        const attempt = {
          durationInMs: 0.5,
          outcome: 'retry',
          errorCode: errorMessage,
          errorMessage,
          response: { headers: { 'x-text': excerpt }, excerpt, truncated: false },
        } as const
        const [delivery] = await dispatcher.readBacklog()
        await dispatcher.settle(delivery!, {
          attempt: { ...attempt, startedAgoInMs: 1 },
          state: 'pending',
          retryInMs: 0,
        })
        const times = { startedAt: expect.any(Number), nextAttemptAt: expect.any(Number) }
        kept.push({ number: kept.length + 1, ...attempt, ...times })
        expect(await lookAtAttempts(ledger, '1')).toEqual(kept)
        // In a column of its own, which has no place for some of it.
        expect((await look(ledger, '1')).lastAttempt?.errorCode).toHaveLength(errorMessage.length)
      }),
      { numRuns: 50 },
    )
  })

  test('comes back as it was given: any payload and keys that PostgreSQL can store', async () => {
    const ledger = await database.open()
    const storable = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 50 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    let count = 0
    await fc.assert(
      fc.asyncProperty(storable, storable, storable, async (text, orderingKey, type) => {
        const delivery = newDelivery(`${(count += 1)}`, {
          payload: JSON.stringify({ text }),
          orderingKey: `${count} ${orderingKey}`,
          type,
          idempotencyKey: `${count} ${text}`,
          context: text,
        })
        await ledger.enqueue([delivery])
        expect(await look(ledger, delivery.id)).toMatchObject({ ...delivery })
      }),
      { numRuns: 40 },
    )
  })
})
