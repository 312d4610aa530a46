import { describe, expect, test } from 'vitest'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const [second, hour] = [1000, 3_600_000]
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)

/** An outbox that has read all of this, and attempts the first one. */
async function startReadAhead(...deliveries: Parameters<ReturnType<typeof openTestOutbox>['enqueue']>) {
  const opened = openTestOutbox()
  const endpoint = createTestEndpoint({ maxConcurrency: 1 })
  await opened.enqueue(...deliveries)
  const outbox = await opened.startOutbox({ endpoints: [endpoint] })
  expect(endpoint.attempts).toHaveLength(1)
  const finish = async () => {
    endpoint.answer = () => delivered
    for (const attempt of endpoint.inFlight) attempt.end()
    await opened.clock.quiet()
  }
  return { ...opened, endpoint, outbox, finish }
}

describe('cancel', () => {
  test.each<['this' | 'another']>([['this'], ['another']])(
    'gives up what was read ahead, in %s process',
    async (where) => {
      const { clock, createOutbox, endpoint, finish, look, outbox } = await startReadAhead(
        ...ids(3).map((id) => ({ id })),
        'x',
        'y',
      )
      const by = where === 'this' ? outbox : createOutbox({})
      // Behind the one that is attempted, and the head of a line.
      expect(await Promise.all(['1', 'x'].map((id) => by.deliveries.cancel(id)))).toEqual([true, true])
      await clock.quiet()
      await finish()
      expect(endpoint.attempted().toSorted()).toEqual(['0', '2', 'y'])
      for (const id of ['1', 'x'])
        expect(await look(id)).toMatchObject({ state: 'canceled', attemptCount: 0 })
    },
  )

  // The attempt before it and the cancel were written in one commit: it was attempted all the same.
  test('begins nothing of it when the one before it ends at the same time', async () => {
    const { clock, endpoint, look, outbox } = await startReadAhead({ id: '0' }, { id: '1' }, { id: '2' })
    endpoint.attempts[0]!.end()
    const canceled = outbox.deliveries.cancel('1')
    endpoint.answer = () => delivered
    expect(await canceled).toBe(true)
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['0', '2'])
    expect(await look('1')).toMatchObject({ state: 'canceled', attemptCount: 0 })
  })

  test('lets the next one through of a line whose head waits', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      retryScheduleInMs: [0, hour],
      answer: ({ delivery }) => (delivery.id === '0' ? answered(500) : delivered),
    })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await enqueue({ id: '0' }, { id: '1' }, { id: '2' })
    await outbox.deliveries.cancel('0')
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['0', '1', '2'])
  })

  test('of one under way leaves it canceled unless it delivers, and never tries it again', async () => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await enqueue('fails', 'delivers')
    for (const id of ['fails', 'delivers']) expect(await outbox.deliveries.cancel(id)).toBe(true)
    endpoint.attempts[0]!.end(answered(500))
    endpoint.attempts[1]!.end()
    await clock.advance(hour)
    expect(await look('fails')).toMatchObject({ state: 'canceled', attemptCount: 1 })
    expect(await look('delivers')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('says when there is nothing to cancel', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const outbox = await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
    await enqueue('1')
    await clock.quiet()
    expect(await outbox.deliveries.cancel('1')).toBe(false)
    expect(await outbox.deliveries.cancel('unknown')).toBe(false)
    await expect(outbox.deliveries.cancel(7 as never)).rejects.toMatchObject({ code: 'option_invalid' })
  })
})

describe('resend', () => {
  test.each<['this' | 'another']>([['this'], ['another']])(
    'attempts at once what waits for its retry, from %s process',
    async (where) => {
      const { clock, createOutbox, enqueue, startOutbox } = openTestOutbox()
      const endpoint = createTestEndpoint({
        retryScheduleInMs: [0, hour, hour],
        answer: ({ delivery }) => (delivery.tries === 0 ? answered(500) : delivered),
      })
      const outbox = await startOutbox({ endpoints: [endpoint] })
      await enqueue({ id: '0' }, { id: '1' })
      await clock.advance(second)
      expect(endpoint.attempted()).toEqual(['0'])
      expect(await (where === 'this' ? outbox : createOutbox({})).deliveries.resend('0')).toBe(true)
      await clock.quiet()
      expect(endpoint.attempted()).toEqual(['0', '0', '1'])
    },
  )

  test('delivers once more what was delivered, last of its task', async () => {
    const { endpoint, finish, outbox } = await startReadAhead({ id: '0' }, { id: '1' }, { id: '2' })
    endpoint.attempts[0]!.end()
    await outbox.deliveries.resend('1')
    await expect.poll(() => endpoint.attempts.length).toBe(2)
    endpoint.attempts[1]!.end()
    await expect.poll(() => endpoint.attempts.length).toBe(3)
    expect(await outbox.deliveries.resend('0')).toBe(true)
    await finish()
    expect(endpoint.attempted()).toEqual(['0', '1', '2', '0'])
    expect(await outbox.deliveries.resend('unknown')).toBe(false)
  })

  test('of many resends the exhausted ones, in the order accepted, at the pace asked for', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({
      retryScheduleInMs: [0],
      maxConcurrency: 100,
      answer: () => answered(404),
    })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await enqueue(...ids(5))
    endpoint.answer = () => delivered
    await enqueue('fine')
    const begunAt = performance.now()
    expect(await outbox.deliveries.resendAll({}, { perSecond: 100 })).toEqual({ resent: 5 })
    expect(performance.now() - begunAt).toBeGreaterThan(35)
    await clock.quiet()
    expect(endpoint.attempted()).toEqual([...ids(5), 'fine', ...ids(5)])
    await expect(outbox.deliveries.resendAll({}, { perSecond: 0 })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    // A wait that no timer holds: it would be none.
    await expect(outbox.deliveries.resendAll({}, { perSecond: 1e-10 })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await expect(
      outbox.deliveries.resendAll({ sate: 'exhausted' } as never, { perSecond: 1 }),
    ).rejects.toThrow(/sate/)
  })
})

test('of many resends says how far it is, and ends when it is told to', async () => {
  const { ledger, createOutbox, enqueue } = openTestOutbox()
  await enqueue(...ids(5))
  for (const id of ids(5)) await ledger.operate.cancel(id)
  const { deliveries } = createOutbox({})
  const controller = new AbortController()
  const progress: unknown[] = []
  const answer = await deliveries.resendAll(
    { state: 'canceled' },
    {
      perSecond: 1000,
      signal: controller.signal,
      onProgress(state) {
        progress.push(state)
        if (state.resent === 2) controller.abort()
      },
    },
  )
  expect(answer).toEqual({ resent: 2 })
  expect(progress).toEqual([
    { resent: 1, total: 5 },
    { resent: 2, total: 5 },
  ])
  expect(await deliveries.count({ state: 'canceled' })).toEqual({ count: 3, isExact: true })
})

describe('count', () => {
  test('counts what matches, as far as it is told to', async () => {
    const { createOutbox, enqueue } = openTestOutbox()
    await enqueue(...ids(5), { id: 'other', endpointId: 'two' })
    const { deliveries } = createOutbox({})
    expect(await deliveries.count()).toEqual({ count: 6, isExact: true })
    expect(await deliveries.count({ endpointId: 'one' }, { limit: 5 })).toEqual({ count: 5, isExact: true })
    expect(await deliveries.count({ endpointId: 'one' }, { limit: 4 })).toEqual({ count: 4, isExact: false })
    for (const limit of [0, 1.5]) {
      await expect(deliveries.count({}, { limit })).rejects.toMatchObject({ option: 'limit' })
    }
  })
})

describe('list and get', () => {
  // By the time of the ledger: the clock of the process that asks may be hours ahead of it, and is here.
  test('say what a delivery waits for', async () => {
    const { clock, createOutbox, enqueue, ledger, startOutbox } = openTestOutbox()
    const waitsFor = async (outbox: ReturnType<typeof createOutbox>) => {
      const { deliveries } = await outbox.deliveries.list()
      return Object.fromEntries(deliveries.map(({ id, waitsFor: what }) => [id, what]))
    }
    const reader = createOutbox({})
    await enqueue({ id: 'a1', orderingKey: 'a' }, { id: 'a2', orderingKey: 'a' }, 'b')
    expect(await waitsFor(reader)).toEqual({ a1: 'dispatcher', a2: 'turn', b: 'dispatcher' })
    const endpoint = createTestEndpoint({ retryScheduleInMs: [0, hour] })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    expect(await waitsFor(outbox)).toEqual({ a1: 'in-flight', a2: 'turn', b: 'in-flight' })
    endpoint.attempts[1]!.end(answered(500))
    await clock.quiet()
    expect(await waitsFor(outbox)).toMatchObject({ b: 'retry' })
    expect(await outbox.deliveries.get('b')).toMatchObject({
      lastAttempt: { status: 500 },
      nextAttemptAt: new Date(clock.ledgerNow() + hour),
      attempts: [{ number: 1, status: 500 }],
    })
    await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: hour, openings: 1 })
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await waitsFor(outbox)).toEqual({ a1: undefined, a2: 'circuit', b: 'retry' })
    await outbox.endpoints.pause('one')
    expect(await waitsFor(outbox)).toEqual({ a1: undefined, a2: 'paused', b: 'paused' })
  })

  test('refuse what they do not know', async () => {
    const { createOutbox } = openTestOutbox()
    const { deliveries, endpoints } = createOutbox({})
    expect(await deliveries.get('unknown')).toBeUndefined()
    await expect(deliveries.list({ taskId: '1' } as never)).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(deliveries.list({ limit: 0 })).rejects.toMatchObject({ code: 'option_invalid' })
    for (const wrong of [{ lookAtMost: 0 }, { lookAtMost: 1.5 }, { lookAtMost: 1, oldestFirst: true }]) {
      await expect(deliveries.list(wrong)).rejects.toMatchObject({ option: 'lookAtMost' })
    }
    await expect(deliveries.list({ state: 'lost' as never })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await expect(deliveries.list({ acceptedFrom: new Date(Number.NaN) })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await expect(deliveries.get(undefined as never)).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(endpoints.pause(7 as never)).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(endpoints.resume(undefined as never)).rejects.toMatchObject({ code: 'option_invalid' })
  })
})
