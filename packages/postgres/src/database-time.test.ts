import { describe, expect, test } from 'vitest'
import {
  claim,
  claimOne,
  look,
  lookAtAttempts,
  newDelivery,
  settle,
} from '../../outbox/src/testing-ledger.ts'
import { useTestDatabase } from './testing-postgres.ts'

const database = useTestDatabase()
const hourInMs = 60 * 60 * 1000

describe("a ledger's time", () => {
  test.each([
    ['an hour behind', -hourInMs],
    ['an hour ahead', hourInMs],
  ])('is the time of the database, also on a machine whose clock is %s', async (_name, skewInMs) => {
    const schema = database.createSchema()
    const ledger = await database.open({ schema })
    const right = await database.open({ schema })
    const now = (): number => Date.now() + skewInMs

    await ledger.enqueue([
      newDelivery('due', { acceptedAt: now(), readyAt: now(), orderingKey: 'a' }),
      newDelivery('later', { acceptedAt: now(), readyAt: now() + hourInMs / 2, orderingKey: 'b' }),
    ])
    expect((await look(right, 'due')).acceptedAt).toBeCloseTo(Date.now(), -4)
    const next = await ledger.nextReadyAt('one', now())
    expect(next).toBeCloseTo(now(), -4)

    const claimed = await claimOne(ledger, { now: now(), leaseEndsAt: now() + 60_000 })
    expect(claimed.id).toBe('due')
    expect(claimed.acceptedAt).toBeCloseTo(Date.now(), -4)
    // Its lease lasts for a machine whose clock is right.
    expect(await claim(right, { now: Date.now() })).toEqual([])
    expect(await right.nextReadyAt('one', Date.now())).toBeCloseTo(Date.now() + 60_000, -4)

    const startedAt = now() - 5000
    await settle(ledger, claimed, {
      now: now(),
      state: 'pending',
      readyAt: now() + 30_000,
      attempt: { startedAt, durationInMs: 1, outcome: 'retry', nextAttemptAt: now() + 30_000 },
    })
    expect(await claim(right, { now: Date.now() })).toEqual([])
    expect((await look(right, 'due')).readyAt).toBeCloseTo(Date.now() + 30_000, -4)
    const [attempt] = await lookAtAttempts(right, 'due')
    expect(attempt?.startedAt).toBeCloseTo(Date.now() - 5000, -4)
    expect(attempt?.nextAttemptAt).toBeCloseTo(Date.now() + 30_000, -4)

    await ledger.resend('due', now())
    await claimOne(right, { now: Date.now() })
  })

  test('makes circuits and pauses of all machines comparable', async () => {
    const ledger = await database.open()
    await ledger.pauseEndpoint('one', 'operator', Date.now() - hourInMs)
    await ledger.noteCircuit('one', { state: 'open', since: Date.now() - 5000 })
    const [endpoint] = await ledger.listEndpoints([])
    expect(endpoint?.paused?.since).toBeCloseTo(Date.now(), -4)
    expect(endpoint?.circuit.since).toBeCloseTo(Date.now() - 5000, -4)
  })
})
