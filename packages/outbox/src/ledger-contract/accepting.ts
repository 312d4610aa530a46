import { describe, expect, test } from 'vitest'
import { OutboxError } from '../outbox-error.ts'
import { claim, idsOf, look, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What `enqueue` and `enqueueWithin` promise. */
export function describeAccepting<T>(createStore: CreateStore<T>): void {
  const open = async () => (await createStore()).open()
  const sameKey = { idempotencyKey: 'same' }

  describe('enqueue', () => {
    test('keeps everything it was given, pending and due at its time', async () => {
      const ledger = await open()
      const delivery = newDelivery('1', { payload: '{"text":"š 🙂 \\u0000 \\"\'"}', idempotencyKey: 'key' })
      expect(await ledger.enqueue([delivery])).toEqual([{ id: '1', isRepeat: false }])
      expect(await ledger.getDelivery('1')).toEqual({
        delivery: {
          ...delivery,
          state: 'pending',
          attemptCount: 0,
          isInFlight: false,
          isCancelRequested: false,
        },
        attempts: [],
      })
    })

    test('says when a delivery is due only of the first one of its ordering key', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      expect(await look(ledger, '1')).toHaveProperty('readyAt', startOfTime)
      expect(await look(ledger, '2')).not.toHaveProperty('readyAt')
    })

    test('accepts many in the order given, also at the same time', async () => {
      const ledger = await open()
      const batches = Array.from({ length: 20 }, (_, batch) =>
        [1, 2, 3, 4, 5].map((number) => newDelivery(`${batch}-${number}`)),
      )
      const accepted = await Promise.all(batches.map((batch) => ledger.enqueue(batch)))
      const ids = idsOf(batches.flat())
      expect(idsOf(accepted.flat())).toEqual(ids)
      const { deliveries } = await ledger.listDeliveries({}, { limit: 1000 })
      expect(idsOf(deliveries).toReversed()).toEqual(ids)
    })

    test('accepts nothing when there is nothing', async () => {
      const ledger = await open()
      expect(await ledger.enqueue([])).toEqual([])
    })

    test('accepts all or none, and fails nobody else', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('known')])
      const [before, bad, after] = await Promise.allSettled([
        ledger.enqueue([newDelivery('before')]),
        ledger.enqueue([newDelivery('new'), newDelivery('known')]),
        ledger.enqueue([newDelivery('after')]),
      ])
      expect([before.status, bad.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(OutboxError.isInstance(bad.status === 'rejected' && bad.reason)).toBe(true)
      const { deliveries } = await ledger.listDeliveries({}, { limit: 10 })
      expect(idsOf(deliveries)).toEqual(['after', 'before', 'known'])
    })

    test('answers a repeated idempotency key with the first delivery, and changes nothing', async () => {
      const ledger = await open()
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
      expect(await ledger.getDelivery('2')).toBeUndefined()
    })

    test('accepts an idempotency key once in one call, and once of many calls at the same time', async () => {
      const ledger = await open()
      const twice = ['1', '2'].map((id) => newDelivery(id, sameKey))
      expect((await ledger.enqueue(twice)).map(({ id }) => id)).toEqual(['1', '1'])
      const many = Array.from({ length: 10 }, (_, index) =>
        newDelivery(`m${index}`, { idempotencyKey: 'many' }),
      )
      const answers = await Promise.all(many.map((one) => ledger.enqueue([one])))
      expect(new Set(idsOf(answers.flat()))).toEqual(new Set(['m0']))
      expect(answers.flat().filter(({ isRepeat }) => !isRepeat)).toHaveLength(1)
    })

    test('knows an idempotency key of an endpoint, whatever became of its delivery, and at no other', async () => {
      const ledger = await open()
      await ledger.enqueue([newDelivery('1', sameKey)])
      await settle(ledger, (await claim(ledger))[0]!)
      const answers = await ledger.enqueue([
        newDelivery('2', sameKey),
        newDelivery('3', { ...sameKey, endpointId: 'two' }),
      ])
      expect(answers).toEqual([
        { id: '1', isRepeat: true },
        { id: '3', isRepeat: false },
      ])
    })
  })

  describe('enqueueWithin', () => {
    test('accepts what the application commits', async () => {
      const store = await createStore()
      const ledger = await store.open()
      const application = await store.begin()
      const accepted = await ledger.enqueueWithin(application.transaction, [
        newDelivery('1'),
        newDelivery('2'),
      ])
      expect(accepted).toEqual([
        { id: '1', isRepeat: false },
        { id: '2', isRepeat: false },
      ])
      expect(await ledger.getDelivery('1')).toBeUndefined()
      await application.commit()
      expect(idsOf(await claim(ledger))).toEqual(['1'])
      expect(await look(ledger, '2')).toMatchObject({ state: 'pending' })
    })

    test('accepts nothing of what the application rolls back', async () => {
      const store = await createStore()
      const ledger = await store.open()
      const application = await store.begin()
      await ledger.enqueueWithin(application.transaction, [newDelivery('1')])
      await application.rollBack()
      expect(await ledger.getDelivery('1')).toBeUndefined()
      expect(await ledger.enqueue([newDelivery('1')])).toEqual([{ id: '1', isRepeat: false }])
    })

    test('leaves the transaction as it was when one cannot be accepted, should the application go on', async () => {
      const store = await createStore()
      const ledger = await store.open()
      await ledger.enqueue([newDelivery('known')])
      const application = await store.begin()
      await ledger.enqueueWithin(application.transaction, [newDelivery('1')])
      const bad = ledger.enqueueWithin(application.transaction, [newDelivery('2'), newDelivery('known')])
      await expect(bad).rejects.toSatisfy((error) => OutboxError.isInstance(error))
      await ledger.enqueueWithin(application.transaction, [newDelivery('3')])
      await application.commit()
      const { deliveries } = await ledger.listDeliveries({}, { limit: 10 })
      expect(idsOf(deliveries)).toEqual(['3', '1', 'known'])
    })

    test('answers a repeated idempotency key with the first delivery, also of the same transaction', async () => {
      const store = await createStore()
      const ledger = await store.open()
      await ledger.enqueue([newDelivery('1', { idempotencyKey: 'one' })])
      const application = await store.begin()
      const within = async (id: string, idempotencyKey: string) =>
        ledger.enqueueWithin(application.transaction, [newDelivery(id, { idempotencyKey })])
      expect(await within('2', 'one')).toEqual([{ id: '1', isRepeat: true }])
      expect(await within('3', 'two')).toEqual([{ id: '3', isRepeat: false }])
      expect(await within('4', 'two')).toEqual([{ id: '3', isRepeat: true }])
      await application.commit()
    })

    test('waits behind what is pending of its ordering key', async () => {
      const store = await createStore()
      const ledger = await store.open()
      await ledger.enqueue([newDelivery('1')])
      const application = await store.begin()
      await ledger.enqueueWithin(application.transaction, [newDelivery('2')])
      await application.commit()
      const [first] = await claim(ledger)
      expect(await claim(ledger)).toEqual([])
      await settle(ledger, first!)
      expect(idsOf(await claim(ledger))).toEqual(['2'])
    })
  })
}
