import { describe, expect, test } from 'vitest'
import { createTestEndpoint, delivered, type TestEndpoint } from '../testing/test-endpoint.ts'
import { openTestDatabase } from '../testing/test-sqlite.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

const second = 1000
const leaseInMs = 15 * second
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)

/** An outbox with an attempt under way in the lowest of many tasks. */
async function startOne(given: Partial<TestEndpoint> = {}) {
  const opened = openTestOutbox()
  const endpoint = createTestEndpoint({ maxConcurrency: 1, ...given })
  await opened.enqueue(...ids(40))
  const outbox = await opened.startOutbox({ endpoints: [endpoint], leaseInMs })
  /** What another process would have to itself. */
  const startOther = async () => {
    const other = createTestEndpoint({ maxConcurrency: 100, answer: () => delivered })
    await opened.startOutbox({ endpoints: [other], leaseInMs })
    return other
  }
  return { ...opened, endpoint, outbox, startOther }
}

describe('stop', () => {
  test('waits for what is in flight, and begins nothing more', async () => {
    const { clock, endpoint, look, outbox } = await startOne({ maxConcurrency: 2 })
    let isStopped = false
    const stopped = outbox.stop().then(() => (isStopped = true))
    await clock.quiet()
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(isStopped).toBe(false)
    endpoint.attempts[1]!.end()
    await stopped
    for (const id of ['0', '1']) expect(await look(id)).toMatchObject({ state: 'delivered' })
    expect(endpoint.attempts).toHaveLength(2)
  })

  // All partitions once stayed where they were until the longest attempt had ended: up to the timeout, nothing of them was delivered.
  test('hands over at once what it is not attempting, and the rest when that ends', async () => {
    const { clock, endpoint, outbox, startOther } = await startOne()
    const other = await startOther()
    const { partition } = endpoint.attempts[0]!.delivery
    const stopped = outbox.stop({ timeoutInMs: 60 * second })
    await clock.quiet()
    expect(other.attempts.length).toBeGreaterThan(20)
    expect(other.attempts.some(({ delivery }) => delivery.partition === partition)).toBe(false)
    // Longer than a partition that is handed over otherwise may take.
    await clock.advance(12 * second)
    expect(endpoint.attempts[0]!.signal.aborted).toBe(false)
    endpoint.attempts[0]!.end()
    await stopped
    await clock.quiet()
    expect([...endpoint.attempted(), ...other.attempted()].toSorted()).toEqual(ids(40).toSorted())
  })

  test('leaves nothing to itself that was about to be read', async () => {
    const { clock, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const outbox = await startOutbox({ endpoints: [endpoint] })
    const enqueued = enqueue('1')
    await outbox.stop()
    await enqueued
    await clock.quiet()
    expect(endpoint.attempts).toEqual([])
    expect(await look('1')).toMatchObject({ state: 'pending', isOwned: false })
  })

  test('aborts what takes longer than its timeout, and leaves it as if it had not been tried', async () => {
    const { endpoint, look, outbox } = await startOne()
    await outbox.stop({ timeoutInMs: 1 })
    expect(endpoint.attempts[0]!.signal.aborted).toBe(true)
    expect(await look('0')).toMatchObject({ state: 'pending', isOwned: false, attemptCount: 0 })
  })

  test('writes down what was delivered although it was aborted', async () => {
    const { endpoint, look, outbox } = await startOne({ ignoresSignal: true })
    const [attempt] = endpoint.attempts
    attempt!.signal.addEventListener('abort', () => attempt!.end())
    await outbox.stop({ timeoutInMs: 1 })
    expect(await look('0')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('does not wait for an attempt that ignores its signal, and no process gets its partition before the lease has ended', async () => {
    const { clock, endpoint, look, outbox, startOther } = await startOne({ ignoresSignal: true })
    const begunAt = performance.now()
    await outbox.stop({ timeoutInMs: 1 })
    expect(performance.now() - begunAt).toBeLessThan(1500)
    expect(clock.timerCount()).toBe(0)
    const other = await startOther()
    await clock.advance(leaseInMs - 1)
    expect(other.attempts.length).toBeGreaterThan(20)
    expect(other.attempted()).not.toContain('0')
    await clock.advance(leaseInMs)
    expect(other.attempted()).toContain('0')
    // It ends at last, and changes nothing about whose the delivery is now.
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await look('0')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('keeps what it waits for', async () => {
    const { clock, endpoint, look, outbox, startOther } = await startOne()
    const stopped = outbox.stop({ timeoutInMs: 2 ** 31 - 1 })
    const other = await startOther()
    await clock.advance(60 * second)
    expect(other.attempted()).not.toContain('0')
    endpoint.attempts[0]!.end()
    await stopped
    expect(await look('0')).toMatchObject({ state: 'delivered' })
  })

  test('is the same when it is asked for twice', async () => {
    const { endpoint, outbox } = await startOne()
    const stopped = outbox.stop()
    expect(outbox.stop({ timeoutInMs: 0 })).toBe(stopped)
    endpoint.attempts[0]!.end()
    await stopped
  })

  test('leaves nothing to be woken for', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await outbox.stop()
    await enqueue('1')
    await outbox.endpoints.pause('one')
    await outbox.endpoints.resume('one')
    await outbox.idle()
    await clock.advance(3_600_000)
    expect(endpoint.attempts).toEqual([])
    expect(clock.timerCount()).toBe(0)
  })

  // It once returned while the start went on, and the process kept partitions that it delivered nothing of.
  test('before a start makes that one fail, and during a start ends it', async () => {
    const { clock, createOutbox, enqueue, look, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue('1')
    const never = createOutbox({ endpoints: [endpoint] })
    await never.stop()
    await expect(never.start()).rejects.toMatchObject({ code: 'already_started' })

    const outbox = createOutbox({ endpoints: [endpoint] })
    const started = outbox.start()
    await outbox.stop()
    await started
    await clock.advance(60 * second)
    expect(endpoint.attempts).toEqual([])
    expect(clock.timerCount()).toBe(0)
    expect(await look('1')).toMatchObject({ isOwned: false })
    const other = createTestEndpoint({ answer: () => delivered })
    await startOutbox({ endpoints: [other] })
    expect(other.attempted()).toEqual(['1'])
  })
})

describe('start', () => {
  test('is refused twice, and after stop', async () => {
    const { startOutbox } = openTestOutbox()
    const outbox = await startOutbox({ endpoints: [createTestEndpoint()] })
    await expect(outbox.start()).rejects.toMatchObject({ code: 'already_started' })
    await outbox.stop()
    await expect(outbox.start()).rejects.toMatchObject({ code: 'already_started' })
  })

  test('can be tried again when the ledger was busy, and makes no attempt before', async () => {
    const { clock, createOutbox, enqueue, file } = openTestOutbox({ busyTimeoutInMs: 0 })
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue('1')
    const outbox = createOutbox({ endpoints: [endpoint] })
    const application = openTestDatabase(file)
    application.exec('BEGIN IMMEDIATE')
    await expect(outbox.start()).rejects.toMatchObject({ code: 'ledger_busy' })
    application.exec('ROLLBACK')
    await clock.advance(60 * second)
    expect(endpoint.attempts).toEqual([])
    await outbox.start()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })
})
