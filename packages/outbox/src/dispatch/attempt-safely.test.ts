import { describe, expect, test } from 'vitest'
import type { AttemptReport } from '../delivery.ts'
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
const attempt = (given: () => unknown) =>
  attemptSafely({ attempt: async () => given() as AttemptReport }, delivery, {
    signal: new AbortController().signal,
    now: () => 0,
  })

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
