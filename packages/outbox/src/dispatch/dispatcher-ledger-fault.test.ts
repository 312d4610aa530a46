import { describe, expect, test } from 'vitest'
import type { DispatchLedger } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'
import { collectMessages } from '../testing/collect-messages.ts'
import { lookAtAttempts, lookAtEndpoint } from '../testing/look.ts'
import { newDelivery } from '../testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestDatabase } from '../testing/test-sqlite.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000

/** An outbox whose file something else can lock, and which does not wait for that. */
function openLockable() {
  const outbox = openTestOutbox({ busyTimeoutInMs: 0 })
  const other = openTestDatabase(outbox.file)
  return {
    ...outbox,
    failed: collectMessages('failed'),
    lock: () => other.exec('BEGIN IMMEDIATE'),
    unlock: () => other.exec('ROLLBACK'),
  }
}

/** An outbox of whose ledger the test says which operations fail, or are not answered. */
function openFailing() {
  const opened = openTestOutbox()
  const failing = new Set<string>()
  const hanging = new Set<string>()
  const dispatch = new Proxy(opened.ledger.dispatch, {
    get(target, name) {
      const value = target[name as keyof DispatchLedger] as (...given: unknown[]) => unknown
      if (hanging.has(String(name))) return () => new Promise(() => {})
      if (!failing.has(String(name))) return value
      return () => Promise.reject(new OutboxError('ledger_unavailable', `${String(name)}: no luck`))
    },
  })
  const ledger = { ...opened.ledger, dispatch }
  return { ...opened, failing, hanging, ledger, failed: collectMessages('failed') }
}

describe('a dispatcher whose ledger fails', () => {
  test('writes an outcome down as soon as it can, and does not attempt again', async () => {
    const { clock, enqueue, failed, ledger, lock, look, startOutbox, unlock } = openLockable()
    const endpoint = createTestEndpoint()
    await enqueue('1', '2')
    await startOutbox({ endpoints: [endpoint], leaseInMs: 60 * second })
    const begunAt = clock.ledgerNow()
    lock()
    endpoint.attempts[0]!.end()
    endpoint.attempts[1]!.end(answered(500))
    await clock.advance(5 * second)
    expect(failed.length).toBeGreaterThan(3)
    for (const { error } of failed) expect(error).toMatchObject({ code: 'ledger_busy' })
    unlock()
    await clock.advance(6 * second)
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    // When it was made, not when it could be written.
    expect((await lookAtAttempts(ledger, '2'))[0]).toMatchObject({ status: 500, startedAt: begunAt })
    expect(endpoint.attempted()).toEqual(['1', '2', '2'])
  })

  test('settles what it knows after an outage longer than its lease, when it is alone', async () => {
    const { clock, enqueue, lock, look, startOutbox, unlock } = openLockable()
    const endpoint = createTestEndpoint()
    await enqueue('1', '2')
    await startOutbox({ endpoints: [endpoint], leaseInMs: 15 * second })
    lock()
    endpoint.attempts[0]!.end()
    await clock.advance(120 * second)
    endpoint.attempts[1]!.end()
    await clock.advance(120 * second)
    unlock()
    await clock.advance(15 * second)
    for (const id of ['1', '2']) expect(await look(id)).toMatchObject({ state: 'delivered', attemptCount: 1 })
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })

  test('begins nothing while it could not say for a lease that it lives, and goes on when it can', async () => {
    const { clock, enqueue, lock, startOutbox, unlock } = openLockable()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1')
    const outbox = await startOutbox({ endpoints: [endpoint], leaseInMs: 15 * second })
    lock()
    await clock.advance(16 * second)
    unlock()
    await outbox.enqueue([newDelivery('2', { orderingKey: '2' })])
    endpoint.attempts[0]!.end()
    await clock.advance(second)
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })

  test('keeps an endpoint that is gone paused until that is written', async () => {
    const { clock, enqueue, ledger, lock, startOutbox, unlock } = openLockable()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2')
    await startOutbox({ endpoints: [endpoint] })
    lock()
    endpoint.attempts[0]!.end(answered(410))
    await clock.advance(second)
    expect(endpoint.attempts).toHaveLength(1)
    unlock()
    await clock.advance(60 * second)
    expect(endpoint.attempts).toHaveLength(1)
    expect(await lookAtEndpoint(ledger)).toMatchObject({ pending: 2, paused: { reason: 'gone' } })
  })

  test('attempts no more at once than it may until outcomes are written, since a kill would have all of them made again', async () => {
    const { clock, enqueue, lock, startOutbox, unlock } = openLockable()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3', '4')
    await startOutbox({ endpoints: [endpoint], leaseInMs: 60 * second })
    lock()
    endpoint.attempts[0]!.end()
    await clock.advance(200)
    expect(endpoint.attempted()).toEqual(['1', '2'])
    unlock()
    await clock.advance(second)
    expect(endpoint.attempted()).toEqual(['1', '2', '3'])
  })

  test.each<keyof DispatchLedger>([
    'readNew',
    'readBacklog',
    'readDue',
    'readLines',
    'readPending',
    'readEndpoints',
  ])('goes on when %s works again', async (operation) => {
    const { clock, enqueue, failed, failing, ledger, startOutbox } = openFailing()
    const endpoint = createTestEndpoint({
      maxConcurrency: 1,
      answer: ({ delivery }) =>
        delivery.tries === 0 && delivery.id === 'early 0' ? answered(500) : delivered,
    })
    const outbox = await startOutbox({ ledger, endpoints: [endpoint], leaseInMs: 15 * second })
    failing.add(operation)
    // More of one task than is kept of it, more tasks than are kept, and one that waits.
    const early = Array.from({ length: 20 }, (_, index) => ({ id: `early ${index}` }))
    await enqueue(...early, { id: 'waits', orderingKey: 'waits', delayInMs: 500 })
    await enqueue(...Array.from({ length: 300 }, (_, index) => `late ${index}`))
    await outbox.endpoints.pause('one').catch(() => {})
    await outbox.endpoints.resume('one').catch(() => {})
    await clock.advance(20 * second)
    failing.clear()
    await clock.advance(20 * second)
    expect(new Set(endpoint.attempted()).size).toBe(321)
    expect(endpoint.attempted().filter((id) => id.startsWith('early'))).toEqual([
      'early 0',
      ...early.map(({ id }) => id),
    ])
    await outbox.idle()
    expect(failed.length > 0 || operation === 'readPending').toBe(true)
  })

  test('takes its partitions when it can', async () => {
    const { clock, enqueue, failing, ledger, startOutbox } = openFailing()
    const first = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ ledger, endpoints: [first] })
    const other = createTestEndpoint({ id: 'two', answer: () => delivered })
    for (const operation of ['acquire', 'listDispatchers', 'join']) {
      failing.add(operation)
      await outbox.configure([]).catch(() => {})
      await outbox.configure([first, other]).catch(() => {})
      await enqueue({ id: operation, endpointId: 'two' })
      await clock.advance(20 * second)
      failing.clear()
      await clock.advance(20 * second)
      expect(other.attempted()).toContain(operation)
    }
  })

  test('tells others of its endpoints when it can, so that it gets its share of theirs', async () => {
    const { clock, enqueue, failing, ledger, startOutbox } = openFailing()
    const [one, two] = ['one', 'two'].map((id) => createTestEndpoint({ id, answer: () => delivered }))
    const outbox = await startOutbox({ ledger, endpoints: [one!] })
    failing.add('join')
    await expect(outbox.configure([one!, two!])).rejects.toMatchObject({ code: 'ledger_unavailable' })
    failing.clear()
    await clock.advance(10 * second)
    await enqueue({ id: '1', endpointId: 'two' })
    expect(two!.attempted()).toEqual(['1'])
  })

  test('gives partitions back when it can', async () => {
    const { clock, enqueue, failing, ledger, startOutbox } = openFailing()
    await startOutbox({ ledger, endpoints: [createTestEndpoint({ answer: () => delivered })] })
    failing.add('release')
    const other = createTestEndpoint({ answer: () => delivered })
    await startOutbox({ endpoints: [other] })
    await clock.advance(20 * second)
    failing.clear()
    await clock.advance(second)
    await enqueue(...Array.from({ length: 40 }, (_, index) => `${index}`))
    expect(other.attempts.length).toBeGreaterThan(10)
  })

  test.each<keyof DispatchLedger>(['bury', 'acquire', 'listDispatchers'])(
    'says that it lives while %s is not answered, so that no other one makes its attempts again',
    async (operation) => {
      const opened = openFailing()
      const { clock, enqueue, hanging, startOutbox } = opened
      const slow = createTestEndpoint({ maxConcurrency: 100 })
      await startOutbox({ ledger: opened.ledger, endpoints: [slow], leaseInMs: 15 * second })
      await enqueue(...Array.from({ length: 40 }, (_, index) => `${index}`))
      // This one finds out first that it is dead.
      await opened.ledger.dispatch.join({ id: 'dead', place: 'elsewhere', endpointIds: ['one'] })
      await clock.advance(10 * second)
      hanging.add(operation)
      const other = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered })
      await startOutbox({ endpoints: [other], leaseInMs: 15 * second })
      await clock.advance(120 * second)
      expect(slow.inFlight.size).toBeGreaterThan(0)
      for (const { signal } of slow.inFlight) expect(signal.aborted).toBe(false)
      const underWay = new Set([...slow.inFlight].map(({ delivery }) => delivery.id))
      expect(other.attempted().filter((id) => underWay.has(id))).toEqual([])
    },
  )

  // As on a connection whose other end has vanished, which is given up after half a minute.
  test('says that it lives once more when a beat is not answered', async () => {
    const opened = openFailing()
    const { clock, enqueue, failed, hanging, startOutbox } = opened
    const slow = createTestEndpoint()
    await startOutbox({ ledger: opened.ledger, endpoints: [slow], leaseInMs: 15 * second })
    await enqueue('1', '2', '3', '4')
    hanging.add('beat')
    await clock.advance(5 * second)
    hanging.clear()
    const other = createTestEndpoint({ answer: () => delivered })
    // Whose share is of another endpoint, so that it takes nothing but what is dead.
    await startOutbox({ endpoints: [{ ...other, id: 'two' }], leaseInMs: 15 * second })
    const { dispatch } = opened.ledger
    const [before] = await dispatch.listDispatchers()
    await clock.advance(60 * second)
    expect((await dispatch.listDispatchers()).map(({ id }) => id)).toContain(before!.id)
    expect(slow.inFlight.size).toBe(4)
    expect(failed[0]!.error).toMatchObject({ code: 'ledger_unavailable' })
  })

  test('gives up writing to a ledger that was closed', async () => {
    const { clock, enqueue, failed, ledger, startOutbox } = openLockable()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await outbox.stop({ timeoutInMs: 0 })
    await ledger.close()
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(clock.timerCount()).toBe(0)
    for (const { error } of failed) expect(error).toMatchObject({ code: 'ledger_closed' })
  })
})
