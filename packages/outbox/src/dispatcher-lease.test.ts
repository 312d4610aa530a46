import { describe, expect, test } from 'vitest'
import type { Ledger } from './ledger.ts'
import { answered, createTestEndpoint, delivered } from './testing-attempts.ts'
import { claim, claimOne, lookAtAttempts, settle } from './testing-ledger.ts'
import { openTestOutbox } from './testing-outbox.ts'

const second = 1000
const leaseInMs = 15 * second

describe('a dispatcher', () => {
  test('keeps its leases while an attempt lasts', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    // The second one is claimed ahead, and as well kept.
    await enqueue('1', '2')
    await startDispatcher({ endpoints: [endpoint], leaseInMs })
    for (let passed = 0; passed < 120; passed += 4) {
      await clock.advance(4 * second)
      expect(await claim(ledger, { now: clock.now(), owner: 'other' })).toEqual([])
    }
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })

  test('ends an attempt whose lease was lost, and writes nothing of it', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    await startDispatcher({ endpoints: [endpoint], leaseInMs })
    const taken = await takeOver(ledger, clock.now())
    await clock.advance(leaseInMs / 3)
    expect(endpoint.attempts[0]!.signal.aborted).toBe(true)
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'pending', isInFlight: true, attemptCount: 0 })
    expect(await settle(ledger, taken)).toBe(true)
  })

  test('does not attempt what it had claimed ahead and lost', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2')
    await startDispatcher({ endpoints: [endpoint], leaseInMs })
    const later = clock.now() + 3600 * second
    const taken = await claim(ledger, { owner: 'other', now: later })
    expect(taken).toHaveLength(2)
    await ledger.release([taken.find(({ id }) => id === '1')!], clock.now())
    await clock.advance(leaseInMs / 3)
    endpoint.answer = () => delivered
    await clock.advance(60 * second)
    expect(endpoint.attempted()).not.toContain('2')
  })

  // A process that was stopped (SIGSTOP) woke up and attempted what had been claimed by another one meanwhile.
  test('does not attempt what it had claimed ahead before it slept for longer than its lease', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ maxConcurrency: 1 })
    await enqueue('1', '2')
    await startDispatcher({ endpoints: [endpoint], leaseInMs })
    clock.sleep(leaseInMs)
    const taken = await claim(ledger, {
      owner: 'other',
      now: clock.now(),
      leaseEndsAt: clock.now() + leaseInMs,
    })
    expect(taken.map(({ id }) => id)).toEqual(['1', '2'])
    endpoint.attempts[0]!.end()
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test('leaves a late outcome unwritten when somebody else has the delivery by then', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint()
    await enqueue('1')
    await startDispatcher({ endpoints: [endpoint], leaseInMs })
    const taken = await takeOver(ledger, clock.now())
    endpoint.attempts[0]!.end(answered(500))
    await clock.quiet()
    expect(await lookAtAttempts(ledger, '1')).toEqual([])
    expect(await settle(ledger, taken)).toBe(true)
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  // It once mistook the end of the former attempt for the end of the one that it had begun since, and did not renew that.
  test('keeps its new lease of a delivery apart from the one that it lost', async () => {
    const { clock, enqueue, ledger, look, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ ignoresSignal: true })
    await enqueue('1')
    const dispatcher = await startDispatcher({ endpoints: [endpoint], leaseInMs })
    await ledger.release([await takeOver(ledger, clock.now())], clock.now())
    dispatcher.wake()
    await clock.quiet()
    const [former, current] = endpoint.attempts
    expect([former!.signal.aborted, current!.signal.aborted]).toEqual([true, false])
    await clock.advance(leaseInMs)
    former!.end()
    await clock.advance(60 * second)
    expect(await claim(ledger, { now: clock.now(), owner: 'other' })).toEqual([])
    expect(current!.signal.aborted).toBe(false)
    current!.end()
    await clock.quiet()
    expect(await look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('takes over what a dispatcher had that is not heard of any more', async () => {
    const { clock, enqueue, ledger, startDispatcher } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    await enqueue({ id: '1' }, { id: '2' })
    const leaseEndsAt = clock.now() + leaseInMs
    await claimOne(ledger, { owner: 'elsewhere.example/1/1/x', leaseEndsAt })
    await startDispatcher({ endpoints: [endpoint] })
    await clock.advance(leaseInMs - 1)
    expect(endpoint.attempts).toEqual([])
    await clock.advance(1)
    expect(endpoint.attempted()).toEqual(['1', '2'])
  })
})

/** Claims the only delivery there is, as one would whose clock is an hour ahead. */
async function takeOver(ledger: Ledger, now: number) {
  return claimOne(ledger, { owner: 'other', now: now + 3600 * second })
}
