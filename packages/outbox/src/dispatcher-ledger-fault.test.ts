import { describe, expect, test } from 'vitest'
import type { Ledger } from './ledger.ts'
import { OutboxError } from './outbox-error.ts'
import { openTestDatabase } from './sqlite/testing-sqlite.ts'
import { answered, createTestEndpoint, delivered } from './testing-attempts.ts'
import { lookAtAttempts } from './testing-ledger.ts'
import { collectMessages } from './testing-messages.ts'
import { openTestOutbox } from './testing-outbox.ts'

/** An outbox whose file somebody else can lock, and which does not wait for that. */
function openLockable() {
  const outbox = openTestOutbox({ busyTimeoutInMs: 0 })
  const other = openTestDatabase(outbox.file)
  return {
    ...outbox,
    failed: collectMessages<{ error: unknown }>('failed'),
    lock: () => other.exec('BEGIN IMMEDIATE'),
    unlock: () => other.exec('ROLLBACK'),
  }
}

describe('a dispatcher whose ledger fails', () => {
  test('writes an outcome down as soon as it can, and does not attempt again', async () => {
    const { clock, enqueue, failed, ledger, lock, look, startDispatcher, unlock } = openLockable()
    const endpoint = createTestEndpoint()
    await enqueue('1', '2')
    await startDispatcher({ endpoints: [endpoint], leaseInMs: 60_000 })
    lock()
    endpoint.attempts[0]!.end()
    endpoint.attempts[1]!.end(answered(500))
    await clock.advance(5000)
    expect(failed.length).toBeGreaterThan(4)
    for (const { error } of failed) expect(error).toMatchObject({ code: 'ledger_busy' })
    unlock()
    const endedAt = clock.now() - 5000
    // Tried again every so often, and what is due since then is attempted at once.
    await clock.advance(3000)
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1, settledAt: endedAt })
    const [first] = await lookAtAttempts(ledger, '2')
    expect(first).toMatchObject({ status: 500, nextAttemptAt: endedAt + 1000 })
    expect(endpoint.attempted()).toEqual(['1', '2', '2'])
  })

  test('keeps an endpoint that is gone paused until that is written', async () => {
    const { clock, enqueue, ledger, lock, startDispatcher, unlock } = openLockable()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    lock()
    endpoint.attempts[0]!.end(answered(410))
    dispatcher.wake()
    await clock.advance(1000)
    expect(endpoint.attempts).toHaveLength(1)
    unlock()
    await clock.advance(5000)
    expect(endpoint.attempts).toHaveLength(1)
    expect(await ledger.listEndpoints([])).toMatchObject([{ pending: 2, paused: { reason: 'gone' } }])
  })

  test('attempts no more at once than it may until outcomes are written, since a kill would have all of them made again', async () => {
    const { clock, enqueue, lock, startDispatcher, unlock } = openLockable()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3', '4')
    await startDispatcher({ endpoints: [endpoint], leaseInMs: 60_000 })
    lock()
    endpoint.attempts[0]!.end()
    await clock.advance(200)
    expect(endpoint.attempted()).toEqual(['1', '2'])
    unlock()
    await clock.advance(1000)
    expect(endpoint.attempted()).toEqual(['1', '2', '3'])
  })

  test('claims when it can', async () => {
    const { clock, enqueue, lock, startDispatcher, unlock } = openLockable()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await enqueue('1')
    lock()
    dispatcher.wake()
    await clock.advance(1000)
    expect(endpoint.attempts).toEqual([])
    unlock()
    await clock.advance(250)
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test('keeps its leases when they could not be renewed for most of their length', async () => {
    const { clock, enqueue, failed, lock, look, startDispatcher, unlock } = openLockable()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    await startDispatcher({ endpoints: [endpoint], leaseInMs: 15_000 })
    lock()
    await clock.advance(14_400)
    expect(failed.length).toBeGreaterThan(10)
    unlock()
    await clock.advance(500)
    expect(await look('1')).toMatchObject({ isInFlight: true })
    await clock.advance(60_000)
    expect(endpoint.attempts[0]!.signal.aborted).toBe(false)
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    expect(endpoint.attempts).toHaveLength(1)
  })

  // What another process had enqueued once waited for the next commit of anybody, should this read fail.
  test('attempts what another process enqueued although it cannot read what is paused', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    let tell: (() => void) | undefined
    let isFailing = false
    const failing: Ledger = {
      ...bound(ledger),
      onChange(listener) {
        tell = listener
        return () => {}
      },
      listPaused: () =>
        isFailing ? Promise.reject(new OutboxError('ledger_unavailable', 'no luck')) : ledger.listPaused(),
    }
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await startDispatcher({ ledger: failing, endpoints: [endpoint] })
    await enqueue('1')
    isFailing = true
    tell!()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test('does not try for ever to write to a ledger that was closed', async () => {
    const { clock, enqueue, failed, ledger, startDispatcher } = openLockable()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await dispatcher.stop({ timeoutInMs: 0 })
    await ledger.close()
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(clock.timerCount()).toBe(0)
    expect(failed.length).toBeGreaterThan(0)
    for (const { error } of failed) expect(error).toMatchObject({ code: 'ledger_closed' })
  })
})

/** The operations one by one, since a spread would miss those of a proxy. */
function bound(ledger: Ledger): Ledger {
  const names = Object.keys(ledger) as (keyof Ledger)[]
  return Object.fromEntries(names.map((name) => [name, ledger[name]])) as unknown as Ledger
}
