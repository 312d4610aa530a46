import { describe, expect, test } from 'vitest'
import { OutboxError } from '../../outbox-error.ts'
import { idsOf, listIds, look } from '../look.ts'
import { newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `enqueue` promises, without a transaction of the application. */
export function describeAccepting<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)
  const sameKey = { idempotencyKey: 'same' }

  describe('enqueue', () => {
    test('keeps everything it was given, pending and due at once', async () => {
      const { ledger } = await open()
      const delivery = newDelivery('1', {
        payload: '{"text":"š 🙂 \\u0000 \\"\'"}',
        idempotencyKey: 'key',
        context: '{"traceparent":"00-š"}',
      })
      expect(await ledger.enqueue([delivery])).toEqual([{ id: '1', isRepeat: false }])
      expect(await ledger.operate.getDelivery('1')).toEqual({
        delivery: {
          ...delivery,
          state: 'pending',
          acceptedAt: startOfTime,
          attemptCount: 0,
          isHead: true,
          isBehindHeld: false,
          isOwned: false,
        },
        attempts: [],
      })
    })

    test('says when one may be attempted that waits, and until then only', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([newDelivery('1', { delayInMs: 10.5 })])
      expect(await look(ledger, '1')).toHaveProperty('readyAt', startOfTime + 11)
      time.pass(11)
      expect(await look(ledger, '1')).not.toHaveProperty('readyAt')
    })

    test('accepts many in the order given, also at the same time', async () => {
      const { ledger } = await open()
      const batches = Array.from({ length: 20 }, (_, batch) =>
        [1, 2, 3, 4, 5].map((number) => newDelivery(`${batch}-${number}`)),
      )
      const accepted = await Promise.all(batches.map((batch) => ledger.enqueue(batch)))
      const ids = idsOf(batches.flat())
      expect(idsOf(accepted.flat())).toEqual(ids)
      expect(await listIds(ledger)).toEqual(ids)
    })

    test('accepts nothing when there is nothing', async () => {
      const { ledger } = await open()
      expect(await ledger.enqueue([])).toEqual([])
    })

    test('accepts all or none, and fails no other call', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('known')])
      const [before, bad, after] = await Promise.allSettled([
        ledger.enqueue([newDelivery('before')]),
        ledger.enqueue([newDelivery('new', { endpointId: 'new' }), newDelivery('known')]),
        ledger.enqueue([newDelivery('after')]),
      ])
      expect([before.status, bad.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(OutboxError.isInstance(bad.status === 'rejected' && bad.reason)).toBe(true)
      expect(await listIds(ledger)).toEqual(['known', 'before', 'after'])
      // What the failed call was about can be named again.
      await ledger.enqueue([newDelivery('new', { endpointId: 'new' })])
      expect(await look(ledger, 'new')).toMatchObject({ endpointId: 'new' })
    })

    test('answers a repeated idempotency key with the first delivery, and changes nothing', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1', sameKey)])
      const before = await look(ledger, '1')
      const again = await ledger.enqueue([
        newDelivery('2', { ...sameKey, payload: '"other"' }),
        newDelivery('3'),
      ])
      expect(again).toEqual([
        { id: '1', isRepeat: true },
        { id: '3', isRepeat: false },
      ])
      expect(await look(ledger, '1')).toEqual(before)
      expect(await ledger.operate.getDelivery('2')).toBeUndefined()
    })

    test('accepts an idempotency key once in one call, and once of many calls at the same time', async () => {
      const { ledger } = await open()
      const twice = ['1', '2'].map((id) => newDelivery(id, sameKey))
      expect(idsOf(await ledger.enqueue(twice))).toEqual(['1', '1'])
      const many = Array.from({ length: 10 }, (_, index) =>
        newDelivery(`m${index}`, { idempotencyKey: 'many' }),
      )
      const answers = await Promise.all(many.map((one) => ledger.enqueue([one])))
      expect(new Set(idsOf(answers.flat())).size).toBe(1)
      expect(answers.flat().filter(({ isRepeat }) => !isRepeat)).toHaveLength(1)
    })

    test('knows an idempotency key of an endpoint, whatever became of its delivery, and at no other', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1', sameKey)])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle(await dispatcher.readOne())
      const answers = await ledger.enqueue([
        newDelivery('2', sameKey),
        newDelivery('3', { ...sameKey, endpointId: 'two' }),
      ])
      expect(answers).toEqual([
        { id: '1', isRepeat: true },
        { id: '3', isRepeat: false },
      ])
    })

    test('gives numbers that rise, and none twice, whatever was resent or purged', async () => {
      const { ledger, time } = await open()
      const dispatcher = await joinDispatcher(ledger)
      let last = 0
      async function deliverNext(): Promise<void> {
        const delivery = await dispatcher.readOne()
        expect(delivery.number).toBeGreaterThan(last)
        last = delivery.number
        await dispatcher.settle(delivery)
        time.pass(1)
      }
      for (const id of ['1', '2', '3', '4']) {
        await ledger.enqueue([newDelivery(id)])
        await deliverNext()
        await ledger.operate.resend(id)
        await deliverNext()
        await ledger.dispatch.purge(0, 100)
      }
    })
  })
}
