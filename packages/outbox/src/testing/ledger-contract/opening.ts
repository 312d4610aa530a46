import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../ledger.ts'
import { look } from '../look.ts'
import { newDelivery } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What the ledger promises about being opened, opened twice, and closed. */
export function describeOpening<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('onChange', () => {
    test('tells of what others change, until it is ended', async () => {
      const { store, ledger } = await open()
      const other = await store.open()
      await other.enqueue([newDelivery('0', { orderingKey: 'b' })])
      let count = 0
      let told = Promise.withResolvers<void>()
      const end = ledger.dispatch.onChange(() => {
        count += 1
        told.resolve()
      })
      const { dispatch, operate } = other
      for (const change of [
        () => other.enqueue([newDelivery('1')]),
        () => operate.cancel('0'),
        () => operate.resend('0'),
        () => operate.pauseEndpoint('one'),
        () => operate.resumeEndpoint('one'),
        () => dispatch.join({ id: 'other', place: 'there', endpointIds: [] }),
        () => dispatch.leave('other'),
      ]) {
        told = Promise.withResolvers()
        await change()
        await told.promise
      }
      end()
      const before = count
      // One who still listens is told of the next commit; the one who ended it is not.
      const last = Promise.withResolvers<void>()
      ledger.dispatch.onChange(last.resolve)
      await other.enqueue([newDelivery('2')])
      await last.promise
      expect(count).toBe(before)
    })

    test('tells all who share one ledger', async () => {
      const { ledger } = await open()
      const told = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      for (const { resolve } of told) ledger.dispatch.onChange(resolve)
      await ledger.enqueue([newDelivery('1')])
      expect(await Promise.all(told.map(({ promise }) => promise))).toHaveLength(2)
    })

    test("tells of a commit of the application's own transaction", async () => {
      const { store, ledger } = await open()
      const told = Promise.withResolvers<void>()
      const { transaction, commit } = await store.begin()
      await ledger.enqueue([newDelivery('1')], { transaction })
      ledger.dispatch.onChange(told.resolve)
      await commit()
      await told.promise
      expect(await look(ledger, '1')).toMatchObject({ state: 'pending' })
    })
  })

  describe('close', () => {
    test('keeps everything for those who open it next', async () => {
      const { store, ledger } = await open()
      await ledger.enqueue([newDelivery('1'), newDelivery('2')])
      const dispatcher = await joinDispatcher(ledger)
      await dispatcher.settle(await dispatcher.readOne())
      await ledger.operate.pauseEndpoint('one')
      const before = await lookAtAll(ledger)
      await ledger.close()
      const reopened = await store.open()
      expect(await lookAtAll(reopened)).toEqual(before)
      expect(await reopened.dispatch.acquire('first', [dispatcher.owned[0]!])).toEqual([dispatcher.owned[0]])
    })

    test('waits for what was asked of it before, and refuses what comes after', async () => {
      const { store, ledger } = await open()
      const accepted = ledger.enqueue([newDelivery('1')])
      const closed = ledger.close()
      const closedAgain = ledger.close()
      const refused = ledger.enqueue([newDelivery('2')])
      await expect(refused).rejects.toMatchObject({ code: 'ledger_closed' })
      expect(await accepted).toEqual([{ id: '1', isRepeat: false }])
      await Promise.all([closed, closedAgain])
      const { dispatch, operate } = ledger
      for (const operation of [
        () => operate.getDelivery('1'),
        () => operate.cancel('1'),
        () => dispatch.readNew(undefined, 1),
        () => dispatch.readEndpoints(0),
        () => dispatch.beat('first'),
        async () => dispatch.onChange(() => {}),
      ]) {
        await expect(operation()).rejects.toMatchObject({ code: 'ledger_closed' })
      }
      const reopened = await store.open()
      expect(await look(reopened, '1')).toMatchObject({ state: 'pending' })
      expect(await reopened.operate.getDelivery('2')).toBeUndefined()
    })
  })
}

async function lookAtAll({ dispatch, operate }: Ledger): Promise<unknown[]> {
  return Promise.all([
    operate.getDelivery('1'),
    operate.getDelivery('2'),
    operate.listEndpoints(),
    dispatch.listDispatchers(),
    dispatch.readEndpoints(0),
  ])
}
