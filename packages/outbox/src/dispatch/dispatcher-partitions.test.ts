import { describe, expect, test } from 'vitest'
import { createTestClock } from '../testing/test-clock.ts'
import { createTestEndpoint, delivered, type TestEndpoint } from '../testing/test-endpoint.ts'
import { openTestDatabase } from '../testing/test-sqlite.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const leaseInMs = 15 * second
const ids = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** A ledger on which processes start and stop, each with an endpoint `one`. */
function openShared() {
  const opened = openTestOutbox()
  const database = openTestDatabase(opened.file)
  return {
    ...opened,
    start: async (given: Partial<TestEndpoint> = {}) => {
      const endpoint = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered, ...given })
      const outbox = await opened.startOutbox({ endpoints: [endpoint], leaseInMs })
      return { endpoint, outbox }
    },
    /** Who owns how many partitions. */
    owners: (): Record<string, number> => {
      const rows = database
        .prepare('SELECT owner, count(*) AS count FROM taskhook_partitions GROUP BY owner')
        .all()
      return Object.fromEntries(rows.map(({ owner, count }) => [String(owner), Number(count)]))
    },
  }
}

describe('dispatchers', () => {
  test('share partitions evenly within ten seconds of one that joins, leaves or dies', async () => {
    const { clock, owners, start } = openShared()
    const a = await start()
    expect(owners()).toEqual({ [a.outbox.id]: 16 })
    const b = await start()
    await clock.advance(second)
    expect(owners()).toEqual({ [a.outbox.id]: 8, [b.outbox.id]: 8 })
    const c = await start()
    await clock.advance(second)
    expect(Object.values(owners()).toSorted((one, other) => one - other)).toEqual([5, 5, 6])
    await a.outbox.stop()
    await clock.advance(second)
    expect(owners()).toEqual({ [b.outbox.id]: 8, [c.outbox.id]: 8 })
  })

  test('two in one process keep order and attempt one at a time', async () => {
    const { clock, enqueue, start } = openShared()
    const log: string[] = []
    const answer: TestEndpoint['answer'] = ({ delivery }) => {
      log.push(delivery.id)
      return delivered
    }
    await enqueue(...ids(200).map((id) => ({ id, orderingKey: `${Number(id) % 20}` })))
    const [a, b] = [await start({ answer }), await start({ answer })]
    await enqueue(...ids(200).map((id) => ({ id: `${200 + Number(id)}`, orderingKey: `${Number(id) % 20}` })))
    await clock.advance(second)
    expect(log.toSorted()).toEqual(ids(400).toSorted())
    for (let key = 0; key < 20; key += 1) {
      const ofKey = log.map(Number).filter((id) => id % 20 === key)
      expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other))
    }
    expect(Math.min(a.endpoint.attempts.length, b.endpoint.attempts.length)).toBeGreaterThan(0)
  })

  test('hand a partition over when its attempts have ended, in order', async () => {
    const { clock, enqueue, look, start } = openShared()
    const a = await start({ answer: undefined })
    await enqueue(...ids(40).flatMap((key) => [1, 2].map((n) => ({ id: `${key}/${n}`, orderingKey: key }))))
    expect(a.endpoint.inFlight.size).toBe(40)
    const b = await start()
    await clock.advance(5 * second)
    expect(b.endpoint.attempts).toEqual([])
    for (const attempt of a.endpoint.attempts.slice()) attempt.end()
    await clock.advance(100)
    // What a dispatcher kept it goes on with; the rest is the other's.
    expect(a.endpoint.inFlight.size + b.endpoint.attempts.length).toBe(40)
    expect(b.endpoint.attempts.length).toBeGreaterThan(10)
    for (const id of b.endpoint.attempted()) expect(id.endsWith('/2')).toBe(true)
    for (const attempt of a.endpoint.inFlight) attempt.end()
    await clock.quiet()
    for (const id of ids(40))
      expect(await look(`${id}/2`)).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('end an attempt that keeps a partition from being handed over, and make it again elsewhere', async () => {
    const { clock, enqueue, look, start } = openShared()
    const a = await start({ answer: undefined })
    await enqueue(...ids(40))
    const b = await start()
    await clock.advance(7.9 * second)
    expect(b.endpoint.attempts).toEqual([])
    await clock.advance(second)
    const moved = b.endpoint.attempted()
    expect(moved.length).toBeGreaterThan(10)
    for (const { delivery, signal } of a.endpoint.attempts)
      expect(signal.aborted).toBe(moved.includes(delivery.id))
    for (const id of moved) expect(await look(id)).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('keep what they have while an attempt lasts', async () => {
    const { clock, enqueue, start } = openShared()
    const a = await start({ answer: undefined })
    await enqueue('1')
    await clock.advance(600 * second)
    expect(a.endpoint.attempts).toHaveLength(1)
    expect(a.endpoint.attempts[0]!.signal.aborted).toBe(false)
  })

  test('take over what one had whose beat stood still for a lease, by no clock but their own', async () => {
    const { clock, enqueue, ledger, look, start } = openShared()
    await ledger.dispatch.join({ id: 'dead', place: 'elsewhere', endpointIds: ['one'] })
    await ledger.dispatch.acquire(
      'dead',
      Array.from({ length: 16 }, (_, partition) => ({ endpointId: 'one', partition })),
    )
    await enqueue(...ids(40))
    const { endpoint } = await start()
    clock.setLedgerClock(40 * 24 * 3600 * second)
    await clock.advance(leaseInMs - 1)
    expect(endpoint.attempts).toEqual([])
    await clock.advance(5 * second)
    expect(endpoint.attempts).toHaveLength(40)
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  // A process that was stopped (SIGSTOP) woke up and attempted what had been taken over by another one meanwhile.
  test('that slept begin nothing before they know what they own, and end what they lost', async () => {
    const sleeper = createTestClock()
    const waker = openTestOutbox()
    const asleep = openTestOutbox({ file: waker.file, clock: sleeper })
    const first = createTestEndpoint({ maxConcurrency: 1 })
    await asleep.startOutbox({ endpoints: [first], leaseInMs })
    await asleep.enqueue(...ids(40))
    const other = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered })
    await waker.startOutbox({ endpoints: [other], leaseInMs })
    await waker.clock.advance(30 * second)
    expect(other.attempts).toHaveLength(40)
    sleeper.sleep(30 * second)
    first.attempts[0]!.end()
    await sleeper.quiet()
    expect(first.attempts).toHaveLength(1)
    await sleeper.advance(5 * second)
    expect(first.attempts).toHaveLength(1)
    expect(first.inFlight.size).toBe(0)
    for (const id of ids(40))
      expect(await asleep.look(id)).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  // Its beat began anew, and was the one that had stood still: it was buried at every look from then on.
  test('that were buried and have come again are not taken for dead once more', async () => {
    const { clock, enqueue, ledger, start, startOutbox } = openShared()
    const stops = { beat: false }
    const dispatch = {
      ...ledger.dispatch,
      beat: (id: string) => (stops.beat ? Promise.reject(new Error('no luck')) : ledger.dispatch.beat(id)),
    }
    await start()
    const endpoint = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered })
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint], leaseInMs })
    stops.beat = true
    await clock.advance(22 * second)
    stops.beat = false
    await clock.advance(20 * second)
    const { generation } = await ledger.dispatch.beat('none')
    await clock.advance(60 * second)
    expect((await ledger.dispatch.beat('none')).generation).toBe(generation)
    await enqueue(...ids(40))
    expect(endpoint.attempts.length).toBeGreaterThan(10)
  })

  // What was acquired before the burial was taken for its own: each attempt was made again and again, and none was written.
  test('that were buried own nothing of what is answered late', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const answers: (() => void)[] = []
    const isLate = { acquire: false }
    const dispatch = {
      ...ledger.dispatch,
      async acquire(...given: Parameters<typeof ledger.dispatch.acquire>) {
        const acquired = await ledger.dispatch.acquire(...given)
        if (isLate.acquire) await new Promise<void>((resolve) => void answers.push(resolve))
        return acquired
      },
    }
    const endpoint = createTestEndpoint({ id: 'two', answer: () => delivered })
    const outbox = await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [], leaseInMs })
    isLate.acquire = true
    const configured = outbox.configure([endpoint])
    await expect.poll(() => answers.length).toBe(1)
    const [dispatcher] = await ledger.dispatch.listDispatchers()
    await ledger.dispatch.leave(dispatcher!.id)
    isLate.acquire = false
    await clock.advance(6 * second)
    answers[0]!()
    await configured
    await clock.advance(6 * second)
    await enqueue(...ids(20).map((id) => ({ id, orderingKey: id, endpointId: 'two' })))
    expect(endpoint.attempted()).toEqual(ids(20))
    expect(await look('1')).toMatchObject({ state: 'delivered' })
  })

  // A read that began while the other still had it told of what the other has delivered since.
  test('that get a partition do not believe what they began to read before', async () => {
    const { clock, enqueue, ledger, startOutbox } = openTestOutbox()
    const answers: (() => void)[] = []
    const isLate = { readNew: false }
    const dispatch = {
      ...ledger.dispatch,
      async readNew(...given: Parameters<typeof ledger.dispatch.readNew>) {
        const read = await ledger.dispatch.readNew(...given)
        if (isLate.readNew) await new Promise<void>((resolve) => void answers.push(resolve))
        return read
      },
    }
    const endpoints = [createTestEndpoint(), createTestEndpoint({ answer: () => delivered })]
    const first = await startOutbox({ endpoints: [endpoints[0]!], leaseInMs })
    await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoints[1]!], leaseInMs })
    isLate.readNew = true
    await enqueue(...ids(20).map((id) => ({ id, orderingKey: id })))
    endpoints[0]!.answer = () => delivered
    for (const attempt of endpoints[0]!.inFlight) attempt.end()
    await clock.quiet()
    await first.stop()
    await clock.advance(6 * second)
    isLate.readNew = false
    for (const answer of answers) answer()
    await clock.advance(second)
    expect(endpoints.flatMap((endpoint) => endpoint.attempted()).toSorted()).toEqual(ids(20).toSorted())
  })

  test('that live are not buried when this process or the whole machine slept', async () => {
    const { clock, owners, start } = openShared()
    const [a, b] = [await start(), await start()]
    await clock.advance(12 * second)
    clock.sleep(3600 * second)
    await clock.advance(20 * second)
    expect(owners()).toEqual({ [a.outbox.id]: 8, [b.outbox.id]: 8 })
  })
})

describe('processes with other endpoints on one ledger', () => {
  test('each deliver to their own, and leave the others pending', async () => {
    const { enqueue, look, startOutbox } = openTestOutbox()
    const endpoints = ['old', 'both', 'new'].map((id) => createTestEndpoint({ id, answer: () => delivered }))
    const [old, both, fresh] = endpoints
    const first = await startOutbox({ endpoints: [old!, both!] })
    await enqueue(
      ...endpoints.flatMap(({ id }) =>
        ids(20, id).map((each) => ({ id: each, orderingKey: each, endpointId: id })),
      ),
    )
    expect(fresh!.attempts).toEqual([])
    expect(await look('new1')).toMatchObject({ state: 'pending', isOwned: false })
    await startOutbox({ endpoints: [{ ...both! }, fresh!] })
    expect(fresh!.attempts).toHaveLength(20)
    await first.stop()
    await enqueue({ id: 'left', endpointId: 'old' }, { id: 'kept', endpointId: 'both' })
    expect(await look('left')).toMatchObject({ state: 'pending', isOwned: false })
    expect(await look('kept')).toMatchObject({ state: 'delivered' })
  })

  test('add and remove endpoints while they run', async () => {
    const { clock, enqueue, ledger, look, startOutbox } = openTestOutbox()
    const [one, two] = ['one', 'two'].map((id) => createTestEndpoint({ id }))
    await ledger.operate.pauseEndpoint('two')
    await enqueue(
      ...ids(3, 'one'),
      ...ids(3, 'two').map((id) => ({ id, orderingKey: id, endpointId: 'two' })),
    )
    const outbox = await startOutbox({ endpoints: [one!] })
    expect(one!.attempts).toHaveLength(3)
    await outbox.configure([two!])
    await clock.quiet()
    // It was paused before this process knew of it.
    expect(two!.attempts).toEqual([])
    await outbox.endpoints.resume('two')
    await clock.quiet()
    expect(two!.attempts).toHaveLength(3)
    // What was under way goes on as it began.
    one!.attempts[0]!.end()
    await clock.quiet()
    expect(await look('one0')).toMatchObject({ state: 'delivered' })
    await outbox.configure([one!, two!])
    await clock.quiet()
    expect(one!.attempts).toHaveLength(3)
    for (const attempt of one!.attempts) attempt.end()
    await clock.advance(second)
    await enqueue('last')
    expect(one!.attempted().slice(3)).toEqual(['last'])
  })
})
