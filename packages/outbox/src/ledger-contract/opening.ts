import { describe, expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { claim, claimOne, look, newDelivery, settle, startOfTime } from '../testing-ledger.ts'
import type { CreateStore } from './ledger-store.ts'

/** What the ledger promises about being opened, opened twice, and closed. */
export function describeOpening<T>(createStore: CreateStore<T>): void {
  describe('onChange', () => {
    test('tells of commits by others, until it is ended', async () => {
      const store = await createStore()
      const [ledger, other] = [await store.open(), await store.open()]
      let count = 0
      let told = Promise.withResolvers<void>()
      const end = ledger.onChange(() => {
        count += 1
        told.resolve()
      })
      await other.enqueue([newDelivery('1')])
      await told.promise
      told = Promise.withResolvers()
      await other.pauseEndpoint('one', 'operator', startOfTime)
      await told.promise
      end()
      const before = count
      // Somebody who still listens is told of the next commit; who ended it is not.
      const last = Promise.withResolvers<void>()
      ledger.onChange(last.resolve)
      await other.enqueue([newDelivery('2')])
      await last.promise
      expect(count).toBe(before)
    })

    test("tells of a commit of the application's own transaction", async () => {
      const store = await createStore()
      const ledger = await store.open()
      const told = Promise.withResolvers<void>()
      ledger.onChange(told.resolve)
      const application = await store.begin()
      await ledger.enqueueWithin(application.transaction, [newDelivery('1')])
      await application.commit()
      await told.promise
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending' })
    })
  })

  describe('close', () => {
    test('keeps everything for whoever opens it next', async () => {
      const store = await createStore()
      const ledger = await store.open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      await settle(ledger, await claimOne(ledger))
      await claimOne(ledger)
      await ledger.pauseEndpoint('one', 'operator', startOfTime)
      const before = await lookAtAll(ledger)
      await ledger.close()
      const reopened = await store.open()
      expect(await lookAtAll(reopened)).toEqual(before)
      expect(await claim(reopened)).toEqual([])
    })

    test('waits for what was asked of it before, and refuses what comes after', async () => {
      const store = await createStore()
      const ledger = await store.open()
      const accepted = ledger.enqueue([newDelivery('1')])
      const closed = ledger.close()
      const closedAgain = ledger.close()
      const refused = ledger.enqueue([newDelivery('2')])
      await expect(refused).rejects.toMatchObject({ code: 'ledger_closed' })
      expect(await accepted).toEqual([{ id: '1', isRepeat: false }])
      await Promise.all([closed, closedAgain])
      for (const operation of [
        () => ledger.getDelivery('1'),
        () => claim(ledger),
        () => ledger.listPaused(),
        async () => ledger.onChange(() => {}),
      ]) {
        await expect(operation()).rejects.toMatchObject({ code: 'ledger_closed' })
      }
      const reopened = await store.open()
      expect(await look(reopened, '1')).toMatchObject({ state: 'pending' })
      expect(await reopened.getDelivery('2')).toBeUndefined()
    })
  })
}

async function lookAtAll(ledger: Ledger): Promise<unknown[]> {
  return [await ledger.getDelivery('1'), await ledger.getDelivery('2'), await ledger.listEndpoints([])]
}
