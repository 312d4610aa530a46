import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { collectMessages } from '../testing/collect-messages.ts'
import { lookAtEndpoint } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered, unanswered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const ids = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** An endpoint that does not answer, and an outbox that has noticed: its circuit is open. */
async function startUnreachable() {
  const outbox = openTestOutbox()
  const opened = collectMessages('circuitOpened')
  const closed = collectMessages('circuitClosed')
  const endpoint = createTestEndpoint({
    maxConcurrency: 8,
    retryScheduleInMs: [0, ...Array.from({ length: 100 }, () => second)],
    answer: () => unanswered(),
  })
  await outbox.enqueue(...ids(20))
  const dispatcher = await outbox.startOutbox({ endpoints: [endpoint] })
  while (opened.length === 0) await outbox.clock.advance(100)
  return { ...outbox, endpoint, dispatcher, opened, closed }
}

describe('a dispatcher', () => {
  test('has as many attempts in flight as the endpoint takes, and begins the next when one ends', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 3 })
    await enqueue(...ids(20))
    await startOutbox({ endpoints: [endpoint] })
    expect(endpoint.inFlight.size).toBe(3)
    while (endpoint.attempts.length < 20) {
      endpoint.attempts[endpoint.attempts.length - 3]!.end()
      await clock.quiet()
      expect(endpoint.inFlight.size).toBe(3)
    }
    expect(endpoint.attempted()).toEqual(ids(20))
  })

  test('has one attempt in flight of an ordering key', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue(...ids(20).map((id) => ({ id })))
    await startOutbox({ endpoints: [endpoint] })
    for (let count = 1; count <= 20; count += 1) {
      expect(endpoint.attempts).toHaveLength(count)
      endpoint.attempts[count - 1]!.end()
      await clock.quiet()
    }
    expect(endpoint.attempted()).toEqual(ids(20))
  })

  test('takes nothing from other endpoints for one that does not answer', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const slow = createTestEndpoint({ id: 'slow' })
    const fast = createTestEndpoint({ id: 'fast', answer: () => delivered })
    for (const endpointId of ['slow', 'fast']) {
      await enqueue(...ids(50, endpointId).map((id) => ({ id, endpointId, orderingKey: id })))
    }
    await startOutbox({ endpoints: [slow, fast] })
    expect([slow.attempts.length, fast.attempts.length]).toEqual([4, 50])
    await clock.advance(60 * second)
    expect(slow.inFlight.size).toBe(4)
  })

  test('attempts in the context that it was made in, no matter what wakes it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const contexts: (string | undefined)[] = []
    const { clock, createOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const attempt: typeof endpoint.attempt = (...given) => {
      contexts.push(storage.getStore())
      return endpoint.attempt(...given)
    }
    const outbox = storage.run('maker', () => createOutbox({ endpoints: [{ ...endpoint, attempt }] }))
    await storage.run('starter', () => outbox.start())
    await storage.run('request', () => outbox.enqueue([newDelivery('1')]))
    await clock.quiet()
    expect(contexts).toEqual(['maker'])
  })

  describe('whose endpoint cannot be reached', () => {
    test('makes no more attempts, and burns none, while its circuit is open', async () => {
      const { clock, dispatcher, endpoint, enqueue, ledger, opened } = await startUnreachable()
      const burned = endpoint.attempts.length
      const { forInMs, outboxId } = opened[0]!
      expect(outboxId).toBe(dispatcher.id)
      await enqueue('new')
      await clock.advance(forInMs - 1)
      expect(endpoint.attempts).toHaveLength(burned)
      const { deliveries } = await ledger.operate.listDeliveries({ state: 'pending' }, { limit: 100 })
      expect(deliveries).toHaveLength(21)
      expect(deliveries.reduce((sum, { attemptCount }) => sum + attemptCount, 0)).toBe(burned)
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 21, circuit: { state: 'open' } })
    })

    test('makes a few attempts of different tasks then, the new one first, and waits twice as long when they fail', async () => {
      const { clock, endpoint, enqueue, opened } = await startUnreachable()
      await enqueue('new')
      let before = endpoint.attempts.length
      const waits: number[] = []
      const firstProbes: (string | undefined)[] = []
      for (const round of [1, 2, 3, 4, 5]) {
        waits.push(opened.at(-1)!.forInMs)
        await clock.advance(opened.at(-1)!.forInMs - 1)
        expect(endpoint.attempts).toHaveLength(before)
        await clock.advance(1)
        await clock.quiet()
        const probes = endpoint.attempted().slice(before)
        firstProbes.push(probes[0])
        expect(probes).toHaveLength(2 + round)
        expect(new Set(probes).size).toBe(2 + round)
        before = endpoint.attempts.length
      }
      expect(firstProbes[0]).toBe('new')
      expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000])
    })

    test('delivers everything when one succeeds', async () => {
      const { clock, closed, endpoint, ledger, opened } = await startUnreachable()
      endpoint.answer = () => delivered
      await clock.advance(opened[0]!.forInMs)
      await clock.advance(second)
      expect(
        (await ledger.operate.listDeliveries({ state: 'delivered' }, { limit: 100 })).deliveries,
      ).toHaveLength(20)
      expect(closed).toMatchObject([{ endpointId: 'one' }])
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 0, circuit: { state: 'closed' } })
    })

    test('delivers at once when an operator resumes it', async () => {
      const { clock, dispatcher, endpoint, ledger } = await startUnreachable()
      endpoint.answer = () => delivered
      await dispatcher.endpoints.resume('one')
      await clock.quiet()
      await clock.advance(second)
      expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 0, circuit: { state: 'closed' } })
    })

    test('goes on as before at others', async () => {
      const { clock, enqueue, startOutbox } = openTestOutbox()
      const failing = createTestEndpoint({ id: 'failing', answer: () => unanswered() })
      const other = createTestEndpoint({ id: 'other', answer: () => delivered })
      for (const endpointId of ['failing', 'other']) {
        await enqueue(...ids(20, endpointId).map((id) => ({ id, endpointId, orderingKey: id })))
      }
      await startOutbox({ endpoints: [failing, other] })
      await clock.advance(second)
      expect(other.attempts).toHaveLength(20)
    })
  })

  test('closes a circuit that a former process left open, as soon as something succeeds', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 1, openings: 3 })
    await clock.advance(1)
    await enqueue('1')
    await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
    expect(await lookAtEndpoint(ledger)).toMatchObject({
      circuit: { state: 'closed', since: clock.ledgerNow() },
    })
  })

  test('shares an open circuit with other processes, and closes it for all', async () => {
    const { clock, enqueue, file, opened } = await startUnreachable()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await openTestOutbox({ file, clock }).startOutbox({ endpoints: [endpoint] })
    await enqueue(...ids(50, 'x'))
    expect(endpoint.attempts).toEqual([])
    await clock.advance(opened.at(-1)!.forInMs + 20 * second)
    expect(endpoint.attempts.length).toBeGreaterThan(20)
  })

  test('halves what is in flight when the endpoint is overloaded, and regains it as it delivers', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 8 })
    await enqueue(...ids(100))
    await startOutbox({ endpoints: [endpoint] })
    const endOne = async (...given: Parameters<(typeof endpoint.attempts)[0]['end']>) => {
      ;[...endpoint.inFlight][0]!.end(...given)
      await clock.quiet()
    }
    await endOne(answered(429))
    // Those that were in flight then are one complaint.
    await endOne(answered(429))
    await endOne(answered(503, { retryAfterInMs: 1000 }))
    expect(endpoint.inFlight.size).toBe(5)
    await endOne()
    expect(endpoint.inFlight.size).toBe(4)
    const sizes: number[] = []
    while (endpoint.inFlight.size < 8) {
      await endOne()
      sizes.push(endpoint.inFlight.size)
    }
    expect(sizes.slice(0, 3)).toEqual([4, 4, 4])
    expect(sizes.length).toBeGreaterThan(15)
    await endOne()
    expect(endpoint.inFlight.size).toBe(8)
  })
})
