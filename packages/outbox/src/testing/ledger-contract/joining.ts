import { describe, expect, test } from 'vitest'
import { startOfTime, newDelivery } from '../new-delivery.ts'
import { allPartitions, joinDispatcher } from '../test-dispatcher.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

/** What is promised about dispatchers that join, beat, leave, and are buried. */
export function describeJoining<T>(createStore: CreateStore<T>): void {
  const open = () => openStore(createStore)

  describe('join', () => {
    test('registers a dispatcher, for others to see, in the order of ids', async () => {
      const { ledger } = await open()
      await ledger.dispatch.join({ id: 'b', place: 'there', endpointIds: ['two', 'one'] })
      await ledger.dispatch.join({ id: 'a', place: 'here', endpointIds: [] })
      expect(await ledger.dispatch.listDispatchers()).toEqual([
        { id: 'a', place: 'here', endpointIds: [], beat: expect.any(Number) },
        { id: 'b', place: 'there', endpointIds: ['two', 'one'], beat: expect.any(Number) },
      ])
    })

    test('changes what is registered, and takes nothing away', async () => {
      const { ledger } = await open()
      const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one'] })
      await ledger.dispatch.join({ id: 'first', place: 'there', endpointIds: ['one', 'two'] })
      expect(await ledger.dispatch.listDispatchers()).toMatchObject([
        { id: 'first', place: 'there', endpointIds: ['one', 'two'] },
      ])
      expect(await dispatcher.acquire(allPartitions(ledger, 'one'))).toEqual(dispatcher.owned)
    })
  })

  describe('beat', () => {
    test('rises, and tells the beats of all', async () => {
      const { ledger, time } = await open()
      await joinDispatcher(ledger, { id: 'first' })
      await joinDispatcher(ledger, { id: 'second' })
      const [first, second] = await ledger.dispatch.listDispatchers()
      time.pass(5)
      const beaten = await ledger.dispatch.beat('first')
      expect(beaten).toMatchObject({
        isMember: true,
        beats: [{ id: 'first' }, { id: 'second', beat: second!.beat }],
        now: startOfTime + 5,
      })
      const again = await ledger.dispatch.beat('first')
      expect(beaten.beats[0]!.beat).toBeGreaterThan(first!.beat)
      expect(again.beats[0]!.beat).toBeGreaterThan(beaten.beats[0]!.beat)
    })

    test('says that one is no member which never joined, or has left', async () => {
      const { ledger } = await open()
      expect(await ledger.dispatch.beat('unknown')).toMatchObject({ isMember: false, beats: [] })
      await joinDispatcher(ledger)
      await ledger.dispatch.leave('first')
      expect(await ledger.dispatch.beat('first')).toMatchObject({ isMember: false, beats: [] })
    })
  })

  describe('leave', () => {
    test('gives up everything at once, and ends the right to settle', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const leaving = await joinDispatcher(ledger)
      const delivery = await leaving.readOne()
      await ledger.dispatch.leave('first')
      expect(await ledger.dispatch.listDispatchers()).toEqual([])
      expect(await leaving.settle(delivery)).toBe('lost')
      const next = await joinDispatcher(ledger, { id: 'second' })
      expect(next.owned).toHaveLength(2 * ledger.dispatch.partitionCount)
      expect(await next.readOne()).toEqual(delivery)
    })

    test('takes nothing from another', async () => {
      const { ledger } = await open()
      const staying = await joinDispatcher(ledger, { id: 'staying' })
      await joinDispatcher(ledger, { id: 'leaving' })
      await ledger.dispatch.leave('leaving')
      await ledger.dispatch.leave('unknown')
      expect(await staying.acquire()).toEqual(staying.owned)
    })
  })

  describe('bury', () => {
    test('ends those whose beat stands still, and frees what they owned', async () => {
      const { ledger } = await open()
      await ledger.enqueue([newDelivery('1')])
      const dead = await joinDispatcher(ledger, { id: 'dead' })
      const delivery = await dead.readOne()
      const [{ beat } = { beat: -1 }] = await ledger.dispatch.listDispatchers()
      expect(await ledger.dispatch.bury([{ id: 'dead', beat }])).toBe(1)
      expect(await dead.settle(delivery)).toBe('lost')
      expect(await ledger.dispatch.beat('dead')).toMatchObject({ isMember: false })
      expect(await dead.acquire()).toEqual([])
      const next = await joinDispatcher(ledger, { id: 'next' })
      expect(await next.settle(await next.readOne())).toBe('delivered')
    })

    test('leaves one alone whose beat has moved', async () => {
      const { ledger } = await open()
      const alive = await joinDispatcher(ledger, { id: 'alive' })
      const [{ beat } = { beat: -1 }] = await ledger.dispatch.listDispatchers()
      await ledger.dispatch.beat('alive')
      expect(
        await ledger.dispatch.bury([
          { id: 'alive', beat },
          { id: 'unknown', beat: 0 },
        ]),
      ).toBe(0)
      expect(await ledger.dispatch.beat('alive')).toMatchObject({ isMember: true })
      expect(await alive.acquire()).toEqual(alive.owned)
    })

    test('buries a dispatcher once, also when several find it dead', async () => {
      const { store, ledger } = await open()
      const other = await store.open()
      await joinDispatcher(ledger, { id: 'dead' })
      const [{ beat } = { beat: -1 }] = await ledger.dispatch.listDispatchers()
      const dead = [{ id: 'dead', beat }]
      const counts = await Promise.all([ledger.dispatch.bury(dead), other.dispatch.bury(dead)])
      expect(counts.toSorted((a, b) => a - b)).toEqual([0, 1])
    })
  })

  describe('a process that was away', () => {
    test('still settles what it knows when no other has taken its place, however long it took', async () => {
      const { ledger, time } = await open()
      await ledger.enqueue([newDelivery('1')])
      const dispatcher = await joinDispatcher(ledger)
      const delivery = await dispatcher.readOne()
      time.pass(365 * 86_400_000)
      expect(await dispatcher.settle(delivery)).toBe('delivered')
    })
  })

  describe('the generation', () => {
    test('rises when one joins, leaves or is buried, and when a partition is given back', async () => {
      const { ledger } = await open()
      const generation = async () => (await ledger.dispatch.readNew(undefined, 1)).generation
      let before = await generation()
      async function expectRise(change: () => Promise<unknown>) {
        await change()
        const after = await generation()
        expect(after).toBeGreaterThan(before)
        before = after
      }
      await expectRise(() => joinDispatcher(ledger, { id: 'a', acquires: false }))
      await expectRise(() => joinDispatcher(ledger, { id: 'b', acquires: false }))
      const owned = await ledger.dispatch.acquire('a', allPartitions(ledger, 'one'))
      await expectRise(() => ledger.dispatch.release('a', owned.slice(0, 1)))
      await expectRise(() => ledger.dispatch.leave('a'))
      const [{ beat } = { beat: -1 }] = await ledger.dispatch.listDispatchers()
      await expectRise(() => ledger.dispatch.bury([{ id: 'b', beat }]))
    })

    test('stays when nothing of that happens', async () => {
      const { ledger } = await open()
      const dispatcher = await joinDispatcher(ledger)
      const before = (await ledger.dispatch.beat('first')).generation
      await ledger.enqueue([newDelivery('1')])
      await dispatcher.settle(await dispatcher.readOne())
      await ledger.dispatch.leave('unknown')
      await ledger.dispatch.bury([{ id: 'first', beat: -1 }])
      expect((await ledger.dispatch.beat('first')).generation).toBe(before)
    })
  })
}
