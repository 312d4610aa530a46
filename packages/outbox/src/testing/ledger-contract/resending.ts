import { describe, expect, test } from 'vitest'
import { idsOf, look, lookAtAttempts } from '../look.ts'
import { newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `resend` promises. */
export function describeResending<T>(createStore: CreateStore<T>): void {
  async function open() {
    const { ledger, time } = await openStore(createStore)
    return { ledger, time, dispatcher: await joinDispatcher(ledger) }
  }

  describe('resend', () => {
    test.each(['delivered', 'exhausted', 'canceled'] as const)(
      'makes one that is %s pending again, under its id and with its attempts',
      async (state) => {
        const { ledger, time, dispatcher } = await open()
        await ledger.enqueue([newDelivery('1', { idempotencyKey: 'key', context: 'trace', delayInMs: 1 })])
        time.pass(1)
        const accepted = await look(ledger, '1')
        const retry = { startedAgoInMs: 0, durationInMs: 1, outcome: 'retry', status: 500 } as const
        await dispatcher.settle(await dispatcher.readOne(), {
          state: 'pending',
          retryInMs: 0,
          attempt: retry,
        })
        const delivery = await dispatcher.readOne()
        if (state === 'canceled') await ledger.operate.cancel('1')
        await dispatcher.settle(delivery, { state: state === 'canceled' ? 'pending' : state })
        expect(await look(ledger, '1')).toMatchObject({ state })
        const before = await lookAtAttempts(ledger, '1')
        expect(before).toHaveLength(2)

        time.pass(100)
        expect(await ledger.operate.resend('1')).toBe(true)
        expect(await look(ledger, '1')).toEqual({ ...accepted, attemptCount: 2, lastAttempt: {} })
        const again = await dispatcher.readOne()
        expect(again).toMatchObject({ id: '1', tries: 0, readyInMs: 0 })
        expect(again.number).toBeGreaterThan(delivery.number)
        await dispatcher.settle(again)
        expect(await lookAtAttempts(ledger, '1')).toEqual([
          ...before,
          { number: 3, startedAt: startOfTime + 101, durationInMs: 1, outcome: 'delivered' },
        ])
      },
    )

    test('puts it behind what is pending of its ordering key', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2'), newDelivery('3')])
      await dispatcher.settle(await dispatcher.readOne(), { state: 'exhausted' })
      await ledger.operate.resend('1')
      await ledger.enqueue([newDelivery('4')])
      for (const id of ['2', '3', '1', '4']) {
        const delivery = await dispatcher.readOne()
        expect(delivery.id).toBe(id)
        await dispatcher.settle(delivery)
      }
    })

    test('lets one that waits for its time be attempted at once, and leaves it its place and schedule', async () => {
      const { ledger, time, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const { number } = await dispatcher.readOne()
      await dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 9000 })
      time.pass(10)
      const { revision } = await ledger.dispatch.beat('first')
      expect(await ledger.operate.resend('1')).toBe(true)
      expect(await dispatcher.readOne()).toMatchObject({ id: '1', number, tries: 1, readyInMs: 0 })
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['1'])
      expect((await ledger.dispatch.beat('first')).revision).toBeGreaterThan(revision)
      expect(await ledger.dispatch.readEndpoints(revision)).toMatchObject([{ id: 'one' }])
    })

    test('leaves one that may be attempted, and one that waits for its turn, as they are', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const before = await dispatcher.readBacklog()
      expect(await ledger.operate.resend('1')).toBe(true)
      expect(await ledger.operate.resend('2')).toBe(true)
      expect(await dispatcher.readBacklog()).toEqual(before)
    })

    test('of one whose first attempt waits behind another makes it wait for its turn alone', async () => {
      const { ledger, dispatcher } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2', { delayInMs: 9000 })])
      await ledger.operate.resend('2')
      expect((await dispatcher.readDue()).deliveries).toEqual([])
      await dispatcher.settle(await dispatcher.readOne())
      expect(idsOf((await dispatcher.readDue()).deliveries)).toEqual(['2'])
    })

    test('does not know what is not there', async () => {
      const { ledger } = await open()
      expect(await ledger.operate.resend('unknown')).toBe(false)
    })
  })
}
