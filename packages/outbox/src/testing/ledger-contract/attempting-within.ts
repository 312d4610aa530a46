import { describe, expect, test } from 'vitest'
import type { AttemptTransaction, Ledger } from '../../ledger.ts'
import { idsOf, look, lookAtEndpoint } from '../look.ts'
import { newDeliveries, newDelivery, startOfTime } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

const never = new AbortController().signal

/** What `begin` promises: the transaction of an attempt. */
export function describeAttemptingWithin<T>(createStore: CreateStore<T>): void {
  /** Deliveries `1` and `2` of two ordering keys, and one who has read them. */
  async function open() {
    const { store, ledger, time } = await openStore(createStore)
    await ledger.enqueue(newDeliveries(['1', '2']))
    const dispatcher = await joinDispatcher(ledger)
    const [first, second] = await dispatcher.readReady()
    return { store, ledger, time, dispatcher, first: first!, second: second! }
  }

  /** What an attempt writes: one more delivery. */
  async function write(
    ledger: Ledger<T>,
    { transaction }: AttemptTransaction<T>,
    id = 'effect',
  ): Promise<void> {
    await ledger.enqueue([newDelivery(id, { endpointId: 'two' })], { transaction })
  }

  describe('the transaction of an attempt', () => {
    test('commits what the attempt wrote and that it delivered, together and not before', async () => {
      const { ledger, time, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await write(ledger, attempt)
      time.pass(3)
      expect(await ledger.operate.getDelivery('effect')).toBeUndefined()
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
      expect(await attempt.commit('first', dispatcher.toSettlement(first))).toBe('delivered')
      expect(await look(ledger, 'effect')).toMatchObject({ state: 'pending' })
      expect(await look(ledger, '1')).toMatchObject({
        state: 'delivered',
        settledAt: startOfTime + 3,
        attemptCount: 1,
      })
      expect(await lookAtEndpoint(ledger)).toMatchObject({ lastSuccessAt: startOfTime + 3 })
    })

    test('commits that it delivered when the attempt wrote nothing', async () => {
      const { ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      expect(await attempt.commit('first', dispatcher.toSettlement(first))).toBe('delivered')
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
    })

    test('undoes all of it when it is rolled back, and the delivery can be attempted again', async () => {
      const { ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await write(ledger, attempt)
      await attempt.rollBack()
      await attempt.rollBack()
      expect(await ledger.operate.getDelivery('effect')).toBeUndefined()
      const again = await ledger.dispatch.begin(never)
      await write(ledger, again)
      expect(await again.commit('first', dispatcher.toSettlement(first))).toBe('delivered')
      expect(await look(ledger, 'effect')).toMatchObject({ state: 'pending' })
    })

    test('writes nothing for a former owner, once another has its partition', async () => {
      const { ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await ledger.dispatch.leave('first')
      const next = await joinDispatcher(ledger, { id: 'next' })
      await write(ledger, attempt)
      expect(await attempt.commit('first', dispatcher.toSettlement(first))).toBe('lost')
      expect(await ledger.operate.getDelivery('effect')).toBeUndefined()
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending', attemptCount: 0 })
      expect(await next.settle(first)).toBe('delivered')
    })

    test('writes nothing when the delivery was settled or resent meanwhile', async () => {
      const { ledger, dispatcher, first, second } = await open()
      await dispatcher.settle(first, { state: 'pending', retryInMs: 0 })
      await ledger.operate.cancel('2')
      await ledger.operate.resend('2')
      for (const old of [first, second]) {
        const attempt = await ledger.dispatch.begin(never)
        await write(ledger, attempt)
        expect(await attempt.commit('first', dispatcher.toSettlement(old))).toBe('lost')
      }
      expect(await ledger.operate.getDelivery('effect')).toBeUndefined()
    })

    test('is committed although the delivery was canceled meanwhile, since the attempt has delivered', async () => {
      const { ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await ledger.operate.cancel('1')
      await write(ledger, attempt)
      expect(await attempt.commit('first', dispatcher.toSettlement(first))).toBe('delivered')
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered' })
      expect(await look(ledger, 'effect')).toMatchObject({ state: 'pending' })
    })

    test('is found by the settlement of a failure, should the answer of the commit be lost', async () => {
      const { ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await attempt.commit('first', dispatcher.toSettlement(first))
      expect(await dispatcher.settle(first, { state: 'pending', retryInMs: 0 })).toBe('lost')
      expect(await look(ledger, '1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    })

    test('reaches nothing any more when the attempt was given up, nor the attempts after it', async () => {
      const { ledger, dispatcher, first } = await open()
      const abandoned = await ledger.dispatch.begin(never)
      const { transaction } = abandoned
      await abandoned.rollBack({ isAbandoned: true })
      const attempt = await ledger.dispatch.begin(never)
      await write(ledger, attempt)
      const [late] = await Promise.allSettled([ledger.enqueue([newDelivery('late')], { transaction })])
      expect(late.status).toBe('rejected')
      await attempt.commit('first', dispatcher.toSettlement(first))
      expect(await ledger.operate.getDelivery('late')).toBeUndefined()
      expect(await look(ledger, 'effect')).toMatchObject({ state: 'pending' })
    })

    test('gets its turn among many, and so does what others write meanwhile', async () => {
      const { ledger, dispatcher } = await open()
      const ids = Array.from({ length: 20 }, (_, index) => `task ${index}`)
      await ledger.enqueue(newDeliveries(ids))
      const deliveries = (await dispatcher.readReady()).filter(({ id }) => ids.includes(id))
      const attempts = deliveries.map(async (delivery) => {
        const attempt = await ledger.dispatch.begin(never)
        return attempt.run(async () => {
          await write(ledger, attempt, `effect of ${delivery.id}`)
          return attempt.commit('first', dispatcher.toSettlement(delivery))
        })
      })
      const others = ids.map((id) => ledger.enqueue([newDelivery(`other ${id}`)]))
      expect(new Set(await Promise.all(attempts))).toEqual(new Set(['delivered']))
      await Promise.all(others)
      for (const id of ids) expect(await look(ledger, `effect of ${id}`)).toMatchObject({ state: 'pending' })
    })

    test('is not waited for any longer when the signal ends that', async () => {
      const { ledger } = await open()
      const held: AttemptTransaction<T>[] = []
      const controller = new AbortController()
      const waiting: Promise<unknown>[] = []
      // More than any ledger of these tests gives at once.
      for (let count = 0; count < 12; count += 1) {
        waiting.push(ledger.dispatch.begin(controller.signal).then((attempt) => held.push(attempt)))
      }
      const settled = Promise.allSettled(waiting)
      await Promise.race(waiting)
      controller.abort(new Error('stopped'))
      const ends = await settled
      // Which of them is let in last is for the ledger to say.
      expect(ends).toContainEqual({ status: 'rejected', reason: new Error('stopped') })
      for (const attempt of held) await attempt.rollBack()
      await expect(ledger.dispatch.begin(controller.signal)).rejects.toThrow('stopped')
      await (await ledger.dispatch.begin(never)).rollBack()
    })

    test('does not dead-lock with what the attempt asks for outside of it', async () => {
      const { store, ledger, dispatcher, first } = await open()
      const attempt = await ledger.dispatch.begin(never)
      await attempt.run(async () => {
        await ledger.enqueue([newDelivery('before', { endpointId: 'two' })])
        await write(ledger, attempt)
        const outside = ledger.enqueue([newDelivery('outside', { endpointId: 'two' })])
        const [answer] = await Promise.allSettled([outside])
        expect(answer).toMatchObject(
          store.isSerialized ? { reason: { code: 'transaction_open' } } : { status: 'fulfilled' },
        )
        expect(await look(ledger, 'before')).toMatchObject({ state: 'pending' })
      })
      expect(await attempt.commit('first', dispatcher.toSettlement(first))).toBe('delivered')
      const line = await dispatcher.readBacklog({ endpointId: 'two' })
      expect(idsOf(line).toSorted()).toEqual(['before', 'effect', ...(store.isSerialized ? [] : ['outside'])])
    })

    test('can be had on every ledger that this suite is for', async () => {
      const { ledger } = await open()
      expect(() => ledger.dispatch.checkBegin()).not.toThrow()
    })
  })
}
