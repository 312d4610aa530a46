import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import type { CircuitMessage } from './channels.ts'
import { answered, createTestEndpoint, delivered } from './testing-attempts.ts'
import { startOfTime } from './testing-ledger.ts'
import { collectMessages } from './testing-messages.ts'
import { openTestOutbox } from './testing-outbox.ts'

const second = 1000
const ids = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

async function startFailing() {
  const outbox = openTestOutbox()
  const opened = collectMessages<CircuitMessage>('circuitOpened')
  const closed = collectMessages<CircuitMessage>('circuitClosed')
  const endpoint = createTestEndpoint({
    maxConcurrency: 2,
    retryScheduleInMs: [0, ...Array.from({ length: 10 }, () => second)],
    answer: () => answered(500),
  })
  await outbox.enqueue(...ids(20))
  const dispatcher = await outbox.startDispatcher({ endpoints: [endpoint] })
  return { ...outbox, endpoint, dispatcher, opened, closed }
}

describe('a dispatcher', () => {
  test('has as many attempts in flight as the endpoint takes, and begins the next when one ends', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 3 })
    await enqueue(...ids(20))
    await startDispatcher({ endpoints: [endpoint] })
    expect(endpoint.inFlight.size).toBe(3)
    while (endpoint.attempts.length < 20) {
      endpoint.attempts[endpoint.attempts.length - 3]!.end()
      await clock.quiet()
      expect(endpoint.inFlight.size).toBe(3)
    }
    expect(endpoint.attempted()).toEqual(ids(20))
  })

  test('has one attempt in flight of an ordering key', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue(...ids(5).map((id) => ({ id })))
    await startDispatcher({ endpoints: [endpoint] })
    for (const count of [1, 2, 3, 4, 5]) {
      expect(endpoint.attempts).toHaveLength(count)
      endpoint.attempts[count - 1]!.end()
      await clock.quiet()
    }
    expect(endpoint.attempted()).toEqual(ids(5))
  })

  test('takes nothing from other endpoints for one that does not answer', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const slow = createTestEndpoint({ id: 'slow' })
    const fast = createTestEndpoint({ id: 'fast', answer: () => delivered })
    for (const endpointId of ['slow', 'fast']) {
      await enqueue(...ids(50, endpointId).map((id) => ({ id, endpointId, orderingKey: id })))
    }
    await startDispatcher({ endpoints: [slow, fast] })
    expect([slow.attempts.length, fast.attempts.length]).toEqual([4, 50])
    await clock.advance(60 * second)
    expect(slow.inFlight.size).toBe(4)
  })

  test('attempts in the context that it was made in, whoever wakes it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const contexts: (string | undefined)[] = []
    const { clock, createDispatcher, enqueue } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const attempt: typeof endpoint.attempt = (...given) => {
      contexts.push(storage.getStore())
      return endpoint.attempt(...given)
    }
    const dispatcher = storage.run('maker', () => createDispatcher({ endpoints: [{ ...endpoint, attempt }] }))
    await storage.run('starter', () => dispatcher.start())
    await enqueue('1')
    storage.run('request', () => dispatcher.wake())
    await clock.quiet()
    expect(contexts).toEqual(['maker'])
  })

  describe('whose endpoint fails five times in a row', () => {
    test('makes no more attempts, and burns none, while its circuit is open', async () => {
      const { clock, dispatcher, endpoint, enqueue, ledger, opened } = await startFailing()
      expect(endpoint.attempts.length).toBeGreaterThanOrEqual(5)
      expect(endpoint.attempts.length).toBeLessThanOrEqual(6)
      const burned = endpoint.attempts.length
      await enqueue('new')
      dispatcher.wake()
      await clock.advance(5 * second - 1)
      expect(endpoint.attempts).toHaveLength(burned)
      const { deliveries } = await ledger.listDeliveries({ state: 'pending' }, { limit: 100 })
      expect(deliveries).toHaveLength(21)
      expect(deliveries.reduce((sum, { attemptCount }) => sum + attemptCount, 0)).toBe(burned)
      expect(deliveries.filter(({ isInFlight }) => isInFlight)).toEqual([])
      expect(opened).toMatchObject([{ endpointId: 'one', circuit: { state: 'open', since: startOfTime } }])
      expect(await ledger.listEndpoints([])).toMatchObject([
        { pending: 21, circuit: { state: 'open', since: startOfTime } },
      ])
    })

    test('makes one attempt after five seconds, and waits twice as long when that fails', async () => {
      const { clock, endpoint } = await startFailing()
      let count = endpoint.attempts.length
      for (const wait of [5, 10, 20, 40]) {
        await clock.advance(wait * second - 1)
        expect(endpoint.attempts).toHaveLength(count)
        await clock.advance(1)
        count += 1
        expect(endpoint.attempts).toHaveLength(count)
      }
    })

    test('has one attempt in flight until that has decided', async () => {
      const { clock, endpoint } = await startFailing()
      endpoint.answer = undefined
      await clock.advance(5 * second)
      expect(endpoint.inFlight.size).toBe(1)
      await clock.advance(30 * second)
      expect(endpoint.inFlight.size).toBe(1)
      endpoint.attempts.at(-1)!.end()
      await clock.quiet()
      expect(endpoint.inFlight.size).toBe(2)
    })

    test('delivers everything when one succeeds', async () => {
      const { clock, closed, endpoint, ledger } = await startFailing()
      endpoint.answer = () => delivered
      await clock.advance(5 * second)
      expect((await ledger.listDeliveries({ state: 'delivered' }, { limit: 100 })).deliveries).toHaveLength(
        20,
      )
      expect(closed).toMatchObject([{ endpointId: 'one', circuit: { state: 'closed' } }])
      expect(await ledger.listEndpoints([])).toMatchObject([
        { pending: 0, circuit: { state: 'closed', since: clock.now() } },
      ])
    })

    test('goes on as before at others', async () => {
      const { enqueue, startDispatcher } = openTestOutbox()
      const failing = createTestEndpoint({ id: 'failing', answer: () => answered(500) })
      const other = createTestEndpoint({ id: 'other', answer: () => delivered })
      for (const endpointId of ['failing', 'other']) {
        await enqueue(...ids(20, endpointId).map((id) => ({ id, endpointId, orderingKey: id })))
      }
      await startDispatcher({ endpoints: [failing, other] })
      expect(failing.attempts.length).toBeLessThan(10)
      expect(other.attempts).toHaveLength(20)
    })
  })

  test('says that a circuit is closed which a former process left open', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    await ledger.noteCircuit('one', { state: 'open', since: startOfTime - 1 })
    await enqueue('1')
    await startDispatcher({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
    await clock.quiet()
    expect(await ledger.listEndpoints([])).toMatchObject([
      { circuit: { state: 'closed', since: startOfTime } },
    ])
  })

  test('halves what is in flight when the endpoint is overloaded, and regains it as it delivers', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 8 })
    await enqueue(...ids(100))
    await startDispatcher({ endpoints: [endpoint] })
    const endOne = async (...given: Parameters<(typeof endpoint.attempts)[0]['end']>) => {
      ;[...endpoint.inFlight][0]!.end(...given)
      await clock.quiet()
    }
    await endOne(answered(429))
    // Those that were in flight then are one complaint.
    await endOne(answered(429))
    await endOne(answered(503))
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
