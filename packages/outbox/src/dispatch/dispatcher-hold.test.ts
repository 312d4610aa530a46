import { describe, expect, test } from 'vitest'
import { collectMessages } from '../testing/collect-messages.ts'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const minute = 60_000

/** An endpoint that holds, at which task a fails and the others do not: 1 of it is held, 2 and 3 are behind it. */
async function startHeld() {
  const opened = openTestOutbox()
  const messages = { held: collectMessages('held'), exhausted: collectMessages('exhausted') }
  const endpoint = createTestEndpoint({
    whenExhausted: 'hold',
    answer: ({ delivery: { orderingKey } }) => (orderingKey === 'a' ? answered(422) : delivered),
  })
  const outbox = await opened.startOutbox({ endpoints: [endpoint] })
  await opened.enqueue({ id: '1' }, { id: '2' }, { id: '3' }, 'x')
  await opened.clock.advance(minute)
  expect(endpoint.attempted()).toEqual(['1', 'x', '1'])
  return { ...opened, endpoint, outbox, messages }
}

describe('an endpoint that holds what is exhausted', () => {
  test('stops that ordering key alone, and says why it waits', async () => {
    const { clock, enqueue, endpoint, outbox, messages } = await startHeld()
    await enqueue('y', { id: '4' })
    await clock.advance(minute)
    expect(endpoint.attempted()).toEqual(['1', 'x', '1', 'y'])
    expect(messages).toMatchObject({
      held: [{ id: '1', orderingKey: 'a', endpointId: 'one' }],
      exhausted: [],
    })
    expect(await outbox.deliveries.get('1')).toMatchObject({ state: 'held', settledAt: expect.any(Date) })
    expect(await outbox.deliveries.get('1')).not.toHaveProperty('waitsFor')
    const { deliveries } = await outbox.deliveries.list({ state: 'pending' })
    expect(deliveries.map(({ id, waitsFor }) => [id, waitsFor])).toEqual([
      ['4', 'held'],
      ['3', 'held'],
      ['2', 'held'],
    ])
    expect(await outbox.endpoints.list()).toMatchObject([{ id: 'one', held: 1, pending: 3 }])
    // Nothing is due, so that a script ends.
    await outbox.idle()
  })

  test('goes on in order when the one that is held is resent and delivered', async () => {
    const { clock, endpoint, outbox } = await startHeld()
    endpoint.answer = () => delivered
    expect(await outbox.deliveries.resend('1')).toBe(true)
    await clock.quiet()
    expect(endpoint.attempted().slice(3)).toEqual(['1', '2', '3'])
  })

  test('holds it again when its whole schedule fails again', async () => {
    const { clock, endpoint, outbox, messages } = await startHeld()
    await outbox.deliveries.resend('1')
    await clock.advance(minute)
    expect(endpoint.attempted().slice(3)).toEqual(['1', '1'])
    expect(await outbox.deliveries.get('1')).toMatchObject({ state: 'held', attemptCount: 4 })
    expect(messages.held).toHaveLength(2)
  })

  test('goes on with the next one when the one that is held is canceled', async () => {
    const { clock, endpoint, outbox } = await startHeld()
    endpoint.answer = () => delivered
    expect(await outbox.deliveries.cancel('1')).toBe(true)
    await clock.quiet()
    expect(endpoint.attempted().slice(3)).toEqual(['2', '3'])
    expect(await outbox.deliveries.get('1')).toMatchObject({ state: 'canceled' })
  })

  test('resends all that are held, when it is told to', async () => {
    const { clock, enqueue, endpoint, outbox } = await startHeld()
    endpoint.answer = () => answered(422)
    await enqueue('y')
    await clock.advance(minute)
    endpoint.answer = () => delivered
    expect(await outbox.deliveries.resendAll({ state: 'held' }, { perSecond: 1000 })).toEqual({ resent: 2 })
    await clock.quiet()
    expect(endpoint.attempted().slice(-4).toSorted()).toEqual(['1', '2', '3', 'y'])
  })

  // Its tries were those that it had when it was attempted, so what was due was taken for what was under way.
  test('attempts one again that was resent before this process had heard that it is held', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const { promise: answered1, resolve: answer } = Promise.withResolvers<void>()
    const dispatch: typeof ledger.dispatch = {
      ...ledger.dispatch,
      async settle(id, settlements) {
        const answers = await ledger.dispatch.settle(id, settlements)
        await answered1
        return answers
      },
    }
    const endpoint = createTestEndpoint({
      whenExhausted: 'hold',
      retryScheduleInMs: [0],
      answer: () => (endpoint.attempts.length === 1 ? answered(422) : delivered),
    })
    const outbox = await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })
    await enqueue('1')
    await clock.quiet()
    expect(await outbox.deliveries.get('1')).toMatchObject({ state: 'held' })
    await outbox.deliveries.resend('1')
    await clock.quiet()
    answer()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1', '1'])
    expect(await outbox.deliveries.get('1')).toMatchObject({ state: 'delivered' })
  })

  test('still holds it for the process that starts next', async () => {
    const { clock, endpoint, outbox, startOutbox, ledger } = await startHeld()
    await outbox.stop()
    const next = createTestEndpoint({ answer: () => delivered })
    const other = await startOutbox({ ledger, endpoints: [next] })
    await clock.advance(minute)
    expect(next.attempted()).toEqual([])
    await other.deliveries.resend('1')
    await clock.quiet()
    expect(next.attempted()).toEqual(['1', '2', '3'])
    expect(endpoint.attempts).toHaveLength(3)
  })

  test('asks for one of two words', () => {
    const { createOutbox } = openTestOutbox()
    expect(() =>
      createOutbox({ endpoints: [createTestEndpoint({ whenExhausted: 'stop' as never })] }),
    ).toThrow(/whenExhausted must be 'continue' or 'hold'/)
  })
})
