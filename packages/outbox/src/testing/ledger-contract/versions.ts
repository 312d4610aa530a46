import { describe, expect, test } from 'vitest'
import { newDelivery } from '../new-delivery.ts'
import { joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What `readVersion` promises. */
export function describeVersions<T>(createStore: CreateStore<T>): void {
  describe('readVersion', () => {
    test('is another text after something was accepted, attempted or decided, here and elsewhere', async () => {
      const { store, ledger, time } = await openStore(createStore)
      const other = await store.open()
      const dispatcher = await joinDispatcher(ledger)
      const seen = new Set<string>()

      /** Whether both see that something has changed. */
      async function changes(change: () => Promise<unknown>): Promise<void> {
        time.pass(1000)
        await change()
        // Attempts are noted at their endpoint with a delay, or when it is looked at.
        await ledger.operate.listEndpoints()
        for (const [name, { operate }] of Object.entries({ ledger, other })) {
          const version = `${name} ${await operate.readVersion()}`
          expect(seen).not.toContain(version)
          seen.add(version)
        }
      }

      await changes(async () => {})
      await changes(() => ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })]))
      await changes(async () =>
        dispatcher.settle(await dispatcher.readOne(), { state: 'pending', retryInMs: 500 }),
      )
      await changes(async () => dispatcher.settle(await dispatcher.readOne()))
      await changes(() => ledger.operate.cancel('2'))
      await changes(() => ledger.operate.resend('2'))
      await changes(() => ledger.operate.pauseEndpoint('two'))
      await changes(() => ledger.operate.resumeEndpoint('two'))
      await changes(() => ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 1000, openings: 1 }))
    })

    test('has the time of the ledger beside it', async () => {
      const { ledger, time } = await openStore(createStore)
      time.pass(10)
      expect(await ledger.operate.readTime()).toBe(time.now())
    })

    test('stays as it is while nothing happens', async () => {
      const { store, ledger } = await openStore(createStore)
      await ledger.enqueue([newDelivery('1')])
      const other = await store.open()
      const before = await other.operate.readVersion()
      await other.operate.listDeliveries({}, { limit: 10 })
      await ledger.operate.listEndpoints()
      expect(await other.operate.readVersion()).toBe(before)
    })
  })
}
