import { describe, expect, test } from 'vitest'
import type { AttemptReport } from './delivery.ts'
import { settlementOf } from './settlement-of.ts'

describe('settlementOf', () => {
  const claim = {
    id: '1',
    token: 7,
    endpointId: 'one',
    orderingKey: 'a',
    type: 'OrderSigned',
    payload: '{}',
    acceptedAt: 0,
    tries: 0,
  }
  const lease = { id: '1', token: 7 }
  const [startedAt, now] = [900, 1000]
  const decide = (report: AttemptReport, tries = 0) =>
    settlementOf({
      claim: { ...claim, tries },
      report,
      retryScheduleInMs: [0, 100, 200],
      startedAt,
      now,
      random: 0.5,
    })

  test('ends a delivery that was delivered', () => {
    const report = { outcome: 'delivered', durationInMs: 90, status: 204 } as const
    expect(decide(report)).toEqual({ lease, attempt: { ...report, startedAt }, state: 'delivered', now })
  })

  test.each([
    [0, 1100],
    [1, 1200],
  ])('plans the next attempt of one that failed, after %i before', (tries, readyAt) => {
    const report = { outcome: 'retry', durationInMs: 90, errorCode: 'connect_refused' } as const
    expect(decide(report, tries)).toEqual({
      lease,
      attempt: { ...report, startedAt, nextAttemptAt: readyAt },
      state: 'pending',
      readyAt,
      now,
    })
  })

  test('waits as long as the receiver asks for, which is no part of the attempt', () => {
    const settlement = decide({ outcome: 'retry', durationInMs: 90, status: 503, retryAfterInMs: 9000 })
    expect(settlement).toMatchObject({ state: 'pending', readyAt: 10_000 })
    expect(settlement.attempt).toEqual({
      outcome: 'retry',
      durationInMs: 90,
      status: 503,
      startedAt,
      nextAttemptAt: 10_000,
    })
  })

  test.each([2, 3])('gives up one that failed, after %i before', (tries) => {
    const report = { outcome: 'retry', durationInMs: 90, status: 500 } as const
    expect(decide(report, tries)).toEqual({
      lease,
      attempt: { ...report, startedAt },
      state: 'exhausted',
      now,
    })
  })

  test.each([0, 2, 50])('keeps one pending whose endpoint is gone, after %i attempts before', (tries) => {
    const report = { outcome: 'gone', durationInMs: 90, status: 410 } as const
    expect(decide(report, tries)).toEqual({
      lease,
      attempt: { ...report, startedAt },
      state: 'pending',
      readyAt: now,
      now,
    })
  })
})
