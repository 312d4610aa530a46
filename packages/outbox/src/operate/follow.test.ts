import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createOutbox } from '../create-outbox.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { joinDispatcher } from '../testing/test-dispatcher.ts'
import { createTestFile, openTestLedger } from '../testing/test-sqlite.ts'

/** An outbox, and a ledger by which another process changes it. */
function open() {
  const file = createTestFile()
  const other = openTestLedger(file)
  const ledger = openTestLedger(file)
  const { deliveries, endpoints } = createOutbox({ ledger })
  return { ledger, other, deliveries, endpoints }
}

describe('watch', () => {
  test('says to look at once, and then when something has changed, in this process or another', async () => {
    const { other, deliveries, endpoints } = open()
    await other.enqueue([newDelivery('1')])
    const looks = deliveries.watch({ atMostEveryInMs: 0 })[Symbol.asyncIterator]()
    onTestFinished(async () => void (await looks.return?.()))
    expect(await looks.next()).toEqual({ done: false, value: undefined })
    for (const change of [
      () => other.enqueue([newDelivery('2')]),
      () => deliveries.cancel('1'),
      () => endpoints.pause('one'),
      async () => {
        const dispatcher = await joinDispatcher(other)
        await dispatcher.settle(await dispatcher.readOne())
      },
    ]) {
      const next = looks.next()
      await change()
      expect((await next).done).toBe(false)
    }
  })

  test('ends with its signal, and with its ledger', async () => {
    const { ledger, deliveries } = open()
    const controller = new AbortController()
    const [bySignal, byLedger] = [deliveries.watch({ signal: controller.signal }), deliveries.watch()].map(
      (watch) => watch[Symbol.asyncIterator](),
    )
    await Promise.all([bySignal!.next(), byLedger!.next()])
    const ended = bySignal!.next()
    controller.abort()
    expect(await ended).toMatchObject({ done: true })
    await ledger.close()
    expect(await byLedger!.next()).toMatchObject({ done: true })
  })

  test('waits for a ledger that is away, and says to look when it is back', async () => {
    const { ledger, deliveries } = open()
    const looks = deliveries.watch({ atMostEveryInMs: 0 })[Symbol.asyncIterator]()
    onTestFinished(async () => void (await looks.return?.()))
    await looks.next()
    const away = vi.spyOn(ledger.operate, 'readVersion').mockRejectedValueOnce(new Error('away'))
    await looks.next()
    expect(away.mock.calls.length).toBeGreaterThan(1)
  })

  test.each([{ atMostEvery: 1 }, { atMostEveryInMs: -1 }, { atMostEveryInMs: Number.NaN }])(
    'refuses %j',
    (options) => {
      expect(() => open().deliveries.watch(options as object)).toThrow(/^atMostEvery/)
    },
  )
})

describe('follow', () => {
  test('says what becomes of deliveries, and of none that nothing happens to', async () => {
    const { ledger, other, deliveries } = open()
    const readVersion = vi.spyOn(ledger.operate, 'readVersion')
    await other.enqueue([newDelivery('before'), newDelivery('elsewhere', { endpointId: 'two' })])
    const changes = deliveries.follow({ endpointId: 'one' }, { atMostEveryInMs: 0 })[Symbol.asyncIterator]()
    onTestFinished(async () => void (await changes.return?.()))
    const next = async (): Promise<string> => {
      const { kind, delivery } = (await changes.next()).value!
      return `${kind} ${delivery.id} ${delivery.waitsFor ?? delivery.state}`
    }

    const first = changes.next()
    // Asked again once it has looked at what there is.
    await vi.waitFor(() => expect(readVersion.mock.calls.length).toBeGreaterThan(1))
    await other.enqueue([newDelivery('1', { orderingKey: 'b' })])
    expect((await first).value).toMatchObject({ kind: 'accepted', delivery: { id: '1' } })

    const dispatcher = await joinDispatcher(other)
    const [before, one] = await dispatcher.readReady()
    await dispatcher.settle(before!, { state: 'pending', retryInMs: 60_000 })
    expect(await next()).toBe('attempted before retry')
    await dispatcher.settle(one!, { state: 'exhausted' })
    expect(await next()).toBe('exhausted 1 exhausted')
    await other.operate.resend('1')
    expect(await next()).toBe('resent 1 in-flight')
    await other.operate.cancel('elsewhere')
    await dispatcher.settle(await dispatcher.readOne())
    expect(await next()).toBe('delivered 1 delivered')
    await other.operate.cancel('before')
    expect(await next()).toBe('canceled before canceled')
  })

  test('refuses a filter that is none, at once', () => {
    expect(() => open().deliveries.follow({ state: 'pending' } as object)).toThrow(/^state: /)
    expect(() => open().deliveries.follow({ taskId: '1' } as object)).toThrow(/taskId: is not a known option/)
  })
})
