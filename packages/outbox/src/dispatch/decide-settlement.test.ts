import { describe, expect, test } from 'vitest'
import type { AttemptReport } from '../delivery.ts'
import { decideSettlement } from './decide-settlement.ts'

describe('decideSettlement', () => {
  const delivery = {
    number: 12,
    id: '1',
    endpointId: 'one',
    partition: 3,
    orderingKey: 'a',
    type: 'OrderSigned',
    payload: '{}',
    acceptedAt: 0,
    readyInMs: 0,
    isHead: true,
  }
  const startedAgoInMs = 100
  const decide = (report: AttemptReport, tries = 0, whenExhausted: 'continue' | 'hold' = 'continue') =>
    decideSettlement({
      delivery: { ...delivery, tries },
      epoch: 7,
      report,
      retryScheduleInMs: [0, 100, 200],
      whenExhausted,
      startedAgoInMs,
      random: 0.5,
    })
  const settled = { number: 12, endpointId: 'one', partition: 3, epoch: 7 }

  test('ends a delivery that was delivered', () => {
    const report = { outcome: 'delivered', durationInMs: 90, status: 204 } as const
    expect(decide(report, 2)).toEqual({
      ...settled,
      tries: 2,
      attempt: { ...report, startedAgoInMs },
      state: 'delivered',
    })
  })

  test.each([
    [0, 100],
    [1, 200],
  ])('plans the next attempt of one that failed, after %i before', (tries, retryInMs) => {
    const report = { outcome: 'retry', durationInMs: 90, errorCode: 'connect_refused' } as const
    expect(decide(report, tries)).toEqual({
      ...settled,
      tries,
      attempt: { ...report, startedAgoInMs },
      state: 'pending',
      retryInMs,
    })
  })

  test('waits as long as the receiver asks for, which is no part of the attempt', () => {
    const settlement = decide({ outcome: 'retry', durationInMs: 90, status: 503, retryAfterInMs: 9000 })
    expect(settlement).toMatchObject({ state: 'pending', retryInMs: 9000 })
    expect(settlement.attempt).toEqual({ outcome: 'retry', durationInMs: 90, status: 503, startedAgoInMs })
  })

  test.each([2, 3])('gives up one that failed, after %i before', (tries) => {
    const report = { outcome: 'retry', durationInMs: 90, status: 500 } as const
    expect(decide(report, tries)).toEqual({
      ...settled,
      tries,
      attempt: { ...report, startedAgoInMs },
      state: 'exhausted',
    })
  })

  test('holds it instead where the endpoint says so', () => {
    const report = { outcome: 'retry', durationInMs: 90, status: 500 } as const
    expect(decide(report, 1, 'hold')).toMatchObject({ state: 'pending', retryInMs: 200 })
    expect(decide(report, 2, 'hold')).toMatchObject({ ...settled, state: 'held' })
    expect(decide(report, 2, 'hold')).not.toHaveProperty('retryInMs')
  })

  test.each([0, 2, 50])('keeps one pending whose endpoint is gone, after %i attempts before', (tries) => {
    const report = { outcome: 'gone', durationInMs: 90, status: 410 } as const
    expect(decide(report, tries)).toEqual({
      ...settled,
      tries,
      attempt: { ...report, startedAgoInMs },
      state: 'pending',
      retryInMs: 0,
    })
  })
})
