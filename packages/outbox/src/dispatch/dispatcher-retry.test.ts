import { describe, expect, test } from 'vitest'
import { lookAtAttempts } from '../testing/look.ts'
import { newDelivery, startOfTime } from '../testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]

describe('a dispatcher', () => {
  test('attempts what is due when it starts, and records what came of it', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const report = { ...delivered, response: { headers: { server: 'x' }, excerpt: 'ok', truncated: false } }
    const endpoint = createTestEndpoint({ answer: () => report })
    await enqueue('1', '2')
    await startOutbox({ endpoints: [endpoint] })
    expect(endpoint.attempted()).toEqual(['1', '2'])
    expect(endpoint.attempts[0]!.delivery).toMatchObject({ id: '1', payload: '{"delivery":"1"}', tries: 0 })
    expect(await look('1')).toMatchObject({ state: 'delivered', settledAt: clock.now(), attemptCount: 1 })
    expect(await lookAtAttempts(ledger, '1')).toEqual([{ ...report, number: 1, startedAt: clock.now() }])
  })

  test('attempts at once what is enqueued, without being woken', async () => {
    const { clock, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await outbox.enqueue([newDelivery('1')])
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test('attempts what falls due later, at its time', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue({ id: '1', delayInMs: hour })
    await startOutbox({ endpoints: [endpoint] })
    await clock.advance(hour - 1)
    expect(endpoint.attempted()).toEqual([])
    await clock.advance(1)
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test.each([
    { random: 0, waits: [4 * second, 4 * minute, 24 * minute] },
    { random: 0.5, waits: [5 * second, 5 * minute, 30 * minute] },
    { random: 0.999, waits: [5998, 359_880, 2_159_280] },
  ])('tries again as the schedule has it, with a jitter of $random', async ({ random, waits }) => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const retryScheduleInMs = [0, 5 * second, 5 * minute, 30 * minute]
    const endpoint = createTestEndpoint({ retryScheduleInMs, answer: () => answered(500) })
    await enqueue('1')
    await startOutbox({ endpoints: [endpoint], random: () => random, leaseInMs: 24 * hour })
    for (const [index, wait] of waits.entries()) {
      expect(await look('1')).toMatchObject({ state: 'pending', readyAt: clock.now() + wait })
      await clock.advance(wait - 1)
      expect(endpoint.attempts).toHaveLength(index + 1)
      await clock.advance(1)
      expect(endpoint.attempts).toHaveLength(index + 2)
      expect(endpoint.attempts.at(-1)!.delivery.tries).toBe(index + 1)
    }
    expect(await look('1')).toMatchObject({ state: 'exhausted', attemptCount: 4, settledAt: clock.now() })
    await clock.advance(24 * hour)
    expect(endpoint.attempts).toHaveLength(4)
  })

  test.each([
    ['waits as long as Retry-After asks', 7 * second, 7 * second],
    ['does not try earlier because Retry-After would allow it', 100, second],
    ['waits a day at most, whatever Retry-After asks', 72 * hour, 24 * hour],
  ])('%s', async (_title, retryAfterInMs, wait) => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => answered(503, { retryAfterInMs }) })
    await enqueue('1')
    await startOutbox({ endpoints: [endpoint], leaseInMs: 24 * hour })
    await clock.advance(wait - 1)
    expect(endpoint.attempts).toHaveLength(1)
    await clock.advance(1)
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('lets the next one of an ordering key through when one is exhausted', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      answer: ({ delivery }) => (delivery.id === '1' ? answered(500) : delivered),
    })
    await enqueue({ id: '1' }, { id: '2' })
    await startOutbox({ endpoints: [endpoint] })
    await clock.advance(second)
    expect(endpoint.attempted()).toEqual(['1', '1', '2'])
    expect(await look('1')).toMatchObject({ state: 'exhausted', attemptCount: 2 })
    expect(await look('2')).toMatchObject({ state: 'delivered' })
    const attempts = await lookAtAttempts(ledger, '1')
    expect(attempts.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([startOfTime + second, undefined])
  })

  test('holds back the ordering key of one that waits to be tried again, and no other', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      answer: ({ delivery }) => (delivery.id === 'a1' && delivery.tries === 0 ? answered(500) : delivered),
    })
    await enqueue(
      { id: 'a1', orderingKey: 'a' },
      { id: 'a2', orderingKey: 'a' },
      { id: 'b1', orderingKey: 'b' },
      { id: 'b2', orderingKey: 'b' },
    )
    await startOutbox({ endpoints: [endpoint] })
    expect(endpoint.attempted()).toEqual(['a1', 'b1', 'b2'])
    await clock.advance(second - 1)
    expect(endpoint.attempts).toHaveLength(3)
    await clock.advance(1)
    expect(endpoint.attempted().slice(3)).toEqual(['a1', 'a2'])
  })

  test.each([
    ['rejects', new Error('no such thing'), 'no such thing'],
    ['rejects with no error', 'just so', 'just so'],
  ])('counts an attempt that %s as one that failed', async (_title, thrown, errorMessage) => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    await startOutbox({ endpoints: [endpoint] })
    await clock.advance(20)
    endpoint.attempts[0]!.fail(thrown)
    await clock.quiet()
    expect(await lookAtAttempts(ledger, '1')).toMatchObject([
      { outcome: 'retry', errorCode: 'attempt_threw', errorMessage, durationInMs: 20 },
    ])
    await clock.advance(second)
    endpoint.attempts[1]!.fail(thrown)
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'exhausted', attemptCount: 2 })
  })

  test('counts an attempt that throws before it returns a promise as one that failed', async () => {
    const { enqueue, ledger, startOutbox } = openTestOutbox()
    await enqueue('1')
    await startOutbox({ endpoints: [{ ...createTestEndpoint(), attempt: throwAtOnce }] })
    expect(await lookAtAttempts(ledger, '1')).toMatchObject([{ errorMessage: 'at once' }])
  })

  test('brings everything to its named state when an endpoint answers 500 for an hour', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const until = startOfTime + hour
    const answer = () => (clock.now() < until ? answered(500) : delivered)
    const patient = createTestEndpoint({
      id: 'patient',
      retryScheduleInMs: [0, 5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour],
      answer,
    })
    const impatient = createTestEndpoint({
      id: 'impatient',
      retryScheduleInMs: [0, 5 * second, minute],
      answer,
    })
    for (const endpointId of ['patient', 'impatient']) {
      for (let index = 0; index < 30; index += 1) {
        await enqueue({ id: `${endpointId} ${index}`, endpointId, orderingKey: `${index % 10}` })
      }
    }
    await startOutbox({ endpoints: [patient, impatient], leaseInMs: 10 * minute })
    await clock.advance(10 * hour)

    const { deliveries } = await ledger.operate.listDeliveries({}, { limit: 100 })
    expect(deliveries.filter(({ state }) => state === 'pending')).toEqual([])
    const ended = (endpointId: string) => deliveries.filter((one) => one.endpointId === endpointId)
    expect(new Set(ended('patient').map(({ state }) => state))).toEqual(new Set(['delivered']))
    for (const { state, settledAt } of ended('impatient')) {
      expect(state).toBe(settledAt! < until ? 'exhausted' : 'delivered')
    }
    expect(ended('impatient').filter(({ state }) => state === 'exhausted').length).toBeGreaterThan(0)
    for (const endpoint of [patient, impatient]) {
      for (const key of Array.from({ length: 10 }, (_, index) => `${index}`)) {
        const ofKey = endpoint.attempts.filter(({ delivery }) => delivery.orderingKey === key)
        const ids = [...new Set(ofKey.map(({ delivery }) => delivery.id))]
        expect(ids).toEqual([0, 10, 20].map((offset) => `${endpoint.id} ${offset + Number(key)}`))
      }
    }
  })
})

function throwAtOnce(): never {
  throw new TypeError('at once')
}
