import { describe, expect, test } from 'vitest'
import type { AttemptReport } from '../delivery.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { delivered } from '../testing/test-endpoint.ts'
import { attemptSafely } from './attempt-safely.ts'

const delivery = {
  number: 1,
  id: '1',
  endpointId: 'one',
  partition: 0,
  orderingKey: 'a',
  type: 't',
  payload: '',
  acceptedAt: 0,
  tries: 0,
  readyInMs: 0,
  isHead: true,
}
const options = () => ({
  signal: new AbortController().signal,
  clock: createTestClock(),
  context: { attempt: 1 },
})
const attempt = async (given: () => unknown) => {
  const endpoint = { attempt: async () => given() as AttemptReport }
  const { report, isAbandoned } = await attemptSafely(endpoint, delivery, options())
  expect(isAbandoned).toBe(false)
  return report
}

describe('an attempt', () => {
  test('is reported as its endpoint reports it', async () => {
    const report = { outcome: 'delivered', durationInMs: 1, status: 204 }
    expect(await attempt(() => report)).toBe(report)
  })

  // Without a report the process ended; with one that the ledger cannot hold, no outcome of any endpoint was written any more.
  test.each<[what: string, report: unknown]>([
    ['nothing', undefined],
    ['another outcome', { outcome: 'done', durationInMs: 1 }],
    ['a status that is no whole number', { outcome: 'retry', durationInMs: 1, status: 200.5 }],
    ['a status that is text', { outcome: 'retry', durationInMs: 1, status: '200' }],
    ['no duration', { outcome: 'delivered' }],
    ['a duration that is none', { outcome: 'delivered', durationInMs: Number.NaN }],
    ['a wait that is none', { outcome: 'retry', durationInMs: 1, retryAfterInMs: Number.NaN }],
    ['an error code that is no text', { outcome: 'retry', durationInMs: 1, errorCode: 7 }],
    ['an answer that is no object', { outcome: 'retry', durationInMs: 1, response: 'ok' }],
  ])('has failed when its report is %s', async (_what, report) => {
    expect(await attempt(() => report)).toMatchObject({
      outcome: 'retry',
      errorCode: 'attempt_threw',
      errorMessage: expect.stringMatching(/no report/),
    })
  })
})

const attemptFor = async (ends: (signal: AbortSignal) => Promise<AttemptReport>) => {
  const given = options()
  const signals: AbortSignal[] = []
  const endpoint = {
    attemptTimeoutInMs: 1000,
    attempt: (_: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return ends(signal)
    },
  }
  const made = attemptSafely(endpoint, delivery, given)
  return { made, clock: given.clock, signal: signals[0]! }
}
const heed = (signal: AbortSignal, report: AttemptReport) =>
  new Promise<AttemptReport>((resolve) => signal.addEventListener('abort', () => resolve(report)))

describe('an attempt that may take a second', () => {
  test('leaves no timer behind when it ends in time', async () => {
    const { made, clock } = await attemptFor(async () => delivered)
    expect(await made).toEqual({ report: delivered, isAbandoned: false })
    expect(clock.timerCount()).toBe(0)
  })

  test('is told to end after that, and has failed', async () => {
    const { made, clock, signal } = await attemptFor((given) =>
      heed(given, { outcome: 'retry', durationInMs: 1, errorCode: 'mine' }),
    )
    await clock.advance(999)
    expect(signal.aborted).toBe(false)
    await clock.advance(1)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
    expect(await made).toMatchObject({
      report: { outcome: 'retry', errorCode: 'attempt_timeout', durationInMs: 1000 },
      isAbandoned: false,
    })
    expect(clock.timerCount()).toBe(0)
  })

  test('counts as delivered when it delivers all the same', async () => {
    const { made, clock } = await attemptFor((given) => heed(given, delivered))
    await clock.advance(1000)
    expect(await made).toMatchObject({ report: delivered, isAbandoned: false })
  })

  test('is given up when it does not end', async () => {
    const { made, clock } = await attemptFor(() => new Promise(() => {}))
    await clock.advance(2000)
    expect(await made).toMatchObject({ report: { errorCode: 'attempt_timeout' }, isAbandoned: true })
  })

  test('is aborted with the partition that it is of', async () => {
    const controller = new AbortController()
    const given = { ...options(), signal: controller.signal }
    const endpoint = {
      attemptTimeoutInMs: 1000,
      attempt: (_: unknown, signal: AbortSignal) => heed(signal, delivered),
    }
    const made = attemptSafely(endpoint, delivery, given)
    controller.abort()
    expect(await made).toMatchObject({ report: delivered })
  })
})
