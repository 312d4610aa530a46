import { describe, expect, test } from 'vitest'
import { createTestEndpoint, delivered } from './testing-attempts.ts'
import { claim } from './testing-ledger.ts'
import { openTestDatabase } from './sqlite/testing-sqlite.ts'
import { openTestOutbox } from './testing-outbox.ts'

describe('stop', () => {
  test('waits for what is in flight, begins nothing more, and gives back what had not begun', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 2 })
    await enqueue('1', '2', '3', '4', '5', '6')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    let isStopped = false
    const stopped = dispatcher.stop().then(() => (isStopped = true))
    await clock.quiet()
    expect(await claim(ledger, { now: clock.now(), owner: 'other' })).toHaveLength(4)
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(isStopped).toBe(false)
    endpoint.attempts[1]!.end()
    await stopped
    for (const id of ['1', '2']) expect(await look(id)).toMatchObject({ state: 'delivered' })
    expect(endpoint.attempts).toHaveLength(2)
  })

  test('has given everything back when it resolves, also what it was about to claim', async () => {
    const { enqueue, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await enqueue('1')
    dispatcher.wake()
    await dispatcher.stop()
    expect(endpoint.attempts).toEqual([])
    expect(await look('1')).toMatchObject({ state: 'pending', isInFlight: false })
  })

  test('aborts what takes longer than its timeout, and gives it back as if it had not been tried', async () => {
    const { enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await dispatcher.stop({ timeoutInMs: 1 })
    expect(endpoint.attempts[0]!.signal.aborted).toBe(true)
    expect(await look('1')).toMatchObject({ state: 'pending', isInFlight: false, attemptCount: 0 })
    expect(await claim(ledger)).toMatchObject([{ id: '1', tries: 0 }])
  })

  test('writes down what was delivered although it was aborted', async () => {
    const { enqueue, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    const [attempt] = endpoint.attempts
    attempt!.signal.addEventListener('abort', () => attempt!.end())
    await dispatcher.stop({ timeoutInMs: 1 })
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('does not wait for an attempt that ignores its signal, which keeps its lease to the end', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint], leaseInMs: 15_000 })
    const begunAt = performance.now()
    await dispatcher.stop({ timeoutInMs: 1 })
    expect(performance.now() - begunAt).toBeLessThan(5000)
    expect(clock.timerCount()).toBe(0)
    expect(await claim(ledger, { now: clock.now() + 14_999 })).toEqual([])
    expect(await claim(ledger, { now: clock.now() + 15_000 })).toHaveLength(1)
    // It ends at last, and changes nothing about whose the delivery is now.
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'pending', isInFlight: true, attemptCount: 0 })
  })

  test('keeps the leases of what it waits for', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint], leaseInMs: 15_000 })
    const stopped = dispatcher.stop({ timeoutInMs: Number.POSITIVE_INFINITY })
    await clock.advance(60_000)
    expect(await claim(ledger, { now: clock.now() })).toEqual([])
    endpoint.attempts[0]!.end()
    await stopped
    expect(await look('1')).toMatchObject({ state: 'delivered' })
    expect(clock.timerCount()).toBe(0)
  })

  test('is the same when it is asked for twice', async () => {
    const { enqueue, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    const stopped = dispatcher.stop()
    expect(dispatcher.stop({ timeoutInMs: 0 })).toBe(stopped)
    endpoint.attempts[0]!.end()
    await stopped
  })

  test('leaves nothing to be woken for', async () => {
    const { clock, enqueue, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const dispatcher = await startDispatcher({ endpoints: [endpoint] })
    await dispatcher.stop()
    await enqueue('1')
    dispatcher.wake()
    await dispatcher.refresh()
    await clock.advance(3_600_000)
    expect(endpoint.attempts).toEqual([])
    expect(clock.timerCount()).toBe(0)
  })

  test('before a start makes that one fail, and during a start ends it', async () => {
    const { clock, createDispatcher, enqueue } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue('1')
    const never = createDispatcher({ endpoints: [endpoint] })
    await never.stop()
    await expect(never.start()).rejects.toMatchObject({ code: 'option_invalid' })

    const dispatcher = createDispatcher({ endpoints: [endpoint] })
    const started = dispatcher.start()
    await dispatcher.stop()
    await started
    await clock.advance(3_600_000)
    expect(endpoint.attempts).toEqual([])
    expect(clock.timerCount()).toBe(0)
  })
})

describe('start', () => {
  test('is refused twice, and after stop', async () => {
    const { startDispatcher } = openTestOutbox()
    const dispatcher = await startDispatcher({ endpoints: [createTestEndpoint()] })
    await expect(dispatcher.start()).rejects.toMatchObject({ code: 'option_invalid' })
    await dispatcher.stop()
    await expect(dispatcher.start()).rejects.toMatchObject({ code: 'option_invalid' })
  })

  test('can be tried again when the ledger was busy, and makes no attempt before', async () => {
    const { clock, createDispatcher, enqueue, file } = openTestOutbox({ busyTimeoutInMs: 0 })
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue('1')
    const dispatcher = createDispatcher({ endpoints: [endpoint] })
    const application = openTestDatabase(file)
    application.exec('BEGIN IMMEDIATE')
    await expect(dispatcher.start()).rejects.toMatchObject({ code: 'ledger_busy' })
    application.exec('ROLLBACK')
    dispatcher.wake()
    await clock.advance(60_000)
    expect(endpoint.attempts).toEqual([])
    await dispatcher.start()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })
})
