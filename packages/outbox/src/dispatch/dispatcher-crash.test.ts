import { describe, expect, onTestFinished, test } from 'vitest'
import { OutboxError } from '../outbox-error.ts'
import { lookAtAttempts } from '../testing/look.ts'
import { answered, createTestEndpoint, delivered, type TestEndpoint } from '../testing/test-endpoint.ts'
import { openTestOutbox, type TestOutbox } from '../testing/test-outbox.ts'

const [second, minute] = [1000, 60_000]

/** What a test does with a process, as others see it. */
interface TestedProcess {
  /** What it has begun is never settled, and others take over. */
  die: () => Promise<void>
  /** It and its ledger say nothing to each other, and it is taken for dead; its attempts go on. */
  fallSilent: () => Promise<void>
  speak: () => Promise<void>
}

/** Delivers as a process of its own would. */
async function startProcess(
  { clock, ledger, startOutbox }: TestOutbox,
  endpoint: TestEndpoint,
): Promise<TestedProcess> {
  let isDead = false
  let silence: Promise<void> | undefined
  let end: (() => void) | undefined
  const dispatch = Object.fromEntries(
    Object.entries(ledger.dispatch).map(([name, operation]) => [
      name,
      typeof operation === 'function' && name !== 'onChange'
        ? async (...given: never[]) => {
            await silence
            if (isDead) throw new OutboxError('ledger_closed', 'its process is dead')
            return (operation as (...args: never[]) => unknown)(...given)
          }
        : operation,
    ]),
  ) as unknown as typeof ledger.dispatch
  await startOutbox({ ledger: { ...ledger, dispatch }, endpoints: [endpoint] })

  // Else its attempts would keep those of other tests from being alone.
  onTestFinished(() => {
    isDead = true
    end?.()
  })

  const bury = async (): Promise<number> => ledger.dispatch.bury(await ledger.dispatch.listDispatchers())
  return {
    async die() {
      isDead = true
      await bury()
      for (const attempt of endpoint.inFlight) attempt.end()
      await clock.quiet()
    },
    async fallSilent() {
      ;({ promise: silence, resolve: end } = Promise.withResolvers<void>())
      await bury()
    },
    async speak() {
      silence = undefined
      end!()
      await clock.quiet()
    },
  }
}

describe('an endpoint with a crash limit', () => {
  test('finds the one that ends the process, exhausts that alone, and delivers its neighbours', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, ledger, look } = opened
    await enqueue('good', 'bad', 'fine')
    const together: string[][] = []
    for (let life = 0; life < 3; life += 1) {
      const endpoint = createTestEndpoint({ crashLimit: 3 })
      const { die } = await startProcess(opened, endpoint)
      // Those that end well do, until the process dies with the bad one; at first with all of them.
      while (![...endpoint.inFlight].some(({ delivery }) => delivery.id === 'bad')) {
        for (const attempt of endpoint.inFlight) attempt.end()
        await clock.quiet()
      }
      together.push([...endpoint.inFlight].map(({ delivery }) => delivery.id))
      await die()
    }
    expect(together).toEqual([['good', 'bad', 'fine'], ['bad'], ['bad']])
    const last = createTestEndpoint({ crashLimit: 3, answer: () => delivered })
    await opened.startOutbox({ endpoints: [last] })
    await clock.advance(minute)
    expect(last.attempted()).toEqual(['fine'])
    expect(await look('bad')).toMatchObject({ state: 'exhausted' })
    expect(await lookAtAttempts(ledger, 'bad')).toMatchObject([
      { errorCode: 'handler_crashed', errorMessage: expect.stringMatching(/3 times in a row/) },
    ])
    for (const id of ['good', 'fine']) expect(await look(id)).toMatchObject({ state: 'delivered' })
  })

  test('attempts a suspect while nothing else is under way, and nothing else until it has ended', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue } = opened
    await enqueue('1', '2')
    const { die } = await startProcess(opened, createTestEndpoint({ crashLimit: 3 }))
    await die()
    const endpoint = createTestEndpoint({ crashLimit: 3 })
    await opened.startOutbox({ endpoints: [endpoint] })
    await enqueue('3', '4')
    const most: number[] = []
    while (endpoint.attempts.length < 4) {
      most.push(endpoint.inFlight.size)
      for (const attempt of endpoint.inFlight) attempt.end()
      await clock.quiet()
    }
    expect(endpoint.attempted().slice(0, 2).toSorted()).toEqual(['1', '2'])
    expect(Math.max(...most)).toBe(1)
    expect(endpoint.inFlight.size).toBe(2)
  })

  test('holds it where exhausted deliveries are held', async () => {
    const opened = openTestOutbox()
    await opened.enqueue('bad')
    const { die } = await startProcess(opened, createTestEndpoint({ crashLimit: 1 }))
    await die()
    const next = createTestEndpoint({ crashLimit: 1, whenExhausted: 'hold' })
    await opened.startOutbox({ endpoints: [next] })
    await opened.clock.advance(second)
    expect(next.attempts).toEqual([])
    expect(await opened.look('bad')).toMatchObject({
      state: 'held',
      lastAttempt: { errorCode: 'handler_crashed' },
    })
  })

  // It was given up again at once: its count was still there, and its tries were those of then.
  test('attempts one again that is resent after it was held for its crashes', async () => {
    const opened = openTestOutbox()
    await opened.enqueue('bad')
    const { die } = await startProcess(opened, createTestEndpoint({ crashLimit: 1 }))
    await die()
    const next = createTestEndpoint({ crashLimit: 1, whenExhausted: 'hold', answer: () => delivered })
    const outbox = await opened.startOutbox({ endpoints: [next] })
    await opened.clock.advance(second)
    await outbox.deliveries.resend('bad')
    await opened.clock.advance(second)
    expect(next.attempted()).toEqual(['bad'])
    expect(await opened.look('bad')).toMatchObject({ state: 'delivered' })
  })

  test('blames nothing that was under way when an outbox stopped', async () => {
    const opened = openTestOutbox()
    await opened.enqueue('1')
    const first = createTestEndpoint({ crashLimit: 1 })
    const outbox = await opened.startOutbox({ endpoints: [first] })
    while (first.inFlight.size === 0) await opened.clock.quiet()
    await outbox.stop({ timeoutInMs: 0 })
    const next = createTestEndpoint({ crashLimit: 1, answer: () => delivered })
    await opened.startOutbox({ endpoints: [next] })
    await opened.clock.advance(second)
    expect(next.attempted()).toEqual(['1'])
    expect(await opened.look('1')).toMatchObject({ state: 'delivered', attemptCount: 1 })
  })

  test('blames nothing that failed in order, however often', async () => {
    const opened = openTestOutbox()
    await opened.enqueue('1')
    const endpoint = createTestEndpoint({
      crashLimit: 1,
      retryScheduleInMs: [0, second, second],
      answer: () => ({ outcome: 'retry', durationInMs: 1, errorCode: 'mine' }),
    })
    await opened.startOutbox({ endpoints: [endpoint] })
    await opened.clock.advance(minute)
    expect(await lookAtAttempts(opened.ledger, '1')).toMatchObject(
      Array.from({ length: 3 }, () => ({ errorCode: 'mine' })),
    )
  })

  test('is the only one that notes anything', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    await enqueue('1', '2')
    await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
    expect(clock.calls.get('noteStarts')).toBeUndefined()
  })

  // It is never written down. Without the limit, each process would make it again when the one before was taken for dead.
  test('gives up one whose attempt outlasts the lease of a process that says nothing meanwhile', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, ledger, look } = opened
    await enqueue('slow')
    const endpoint = createTestEndpoint({ crashLimit: 1 })
    const { fallSilent, speak } = await startProcess(opened, endpoint)
    await clock.advance(second)
    await fallSilent()
    const next = createTestEndpoint({ crashLimit: 1, answer: () => delivered })
    await opened.startOutbox({ endpoints: [next] })
    await clock.advance(second)
    for (const attempt of endpoint.inFlight) attempt.end()
    await speak()
    await clock.advance(minute)
    expect(endpoint.attempted()).toEqual(['slow'])
    expect(next.attempted()).toEqual([])
    expect(await look('slow')).toMatchObject({ state: 'exhausted' })
    expect(await lookAtAttempts(ledger, 'slow')).toMatchObject([
      { errorCode: 'handler_crashed', errorMessage: expect.stringMatching(/or was taken for dead/) },
    ])
  })

  test('blames nothing because of silences, when an outcome is written between them', async () => {
    const opened = openTestOutbox()
    const { clock, enqueue, look } = opened
    await enqueue('1')
    const given = { crashLimit: 2, retryScheduleInMs: [0, 1, 1, 1] }
    for (let life = 0; life < 3; life += 1) {
      const endpoint = createTestEndpoint(given)
      const { fallSilent } = await startProcess(opened, endpoint)
      await clock.advance(minute)
      endpoint.attempts[0]!.end(answered(503))
      await clock.advance(minute)
      expect(endpoint.inFlight.size).toBe(1)
      await fallSilent()
    }
    const last = createTestEndpoint({ ...given, answer: () => delivered })
    await opened.startOutbox({ endpoints: [last] })
    await clock.advance(minute)
    expect(await look('1')).toMatchObject({ state: 'delivered' })
  })

  // Its outcome was lost, and removed the start as one that was settled: with it went the count of those that had died before.
  test('keeps the count when the outcome of one that was taken for dead comes late', async () => {
    const opened = openTestOutbox()
    await opened.enqueue('bad')
    const { die } = await startProcess(opened, createTestEndpoint({ crashLimit: 2 }))
    await opened.clock.advance(second)
    await die()
    const endpoint = createTestEndpoint({ crashLimit: 2 })
    const silent = await startProcess(opened, endpoint)
    await opened.clock.advance(second)
    await silent.fallSilent()
    endpoint.attempts[0]!.end()
    await silent.speak()
    await opened.clock.advance(minute)
    expect(endpoint.inFlight.size).toBe(1)
    await silent.die()
    const last = createTestEndpoint({ crashLimit: 2, answer: () => delivered })
    await opened.startOutbox({ endpoints: [last] })
    await opened.clock.advance(minute)
    expect(last.attempted()).toEqual([])
    expect(await opened.look('bad')).toMatchObject({ lastAttempt: { errorCode: 'handler_crashed' } })
  })

  test('takes a whole number', () => {
    const { createOutbox } = openTestOutbox()
    expect(() => createOutbox({ endpoints: [createTestEndpoint({ crashLimit: 0 })] })).toThrow(/crashLimit/)
  })
})
