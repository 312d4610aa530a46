import { describe, expect, test } from 'vitest'
import { fullPace, paceAfter, type PacedAttempt } from './pace.ts'

const failed = (status: number | undefined, startedAt = 0, now = startedAt + 1): PacedAttempt => ({
  outcome: 'retry',
  status,
  startedAt,
  now,
})

describe('paceAfter', () => {
  const delivered: PacedAttempt = { outcome: 'delivered', status: 200, startedAt: 0, now: 1 }

  test.each([429, 502, 503, 504])('halves when the endpoint answers %i', (status) => {
    expect(paceAfter(fullPace(16), failed(status)).limit).toBe(8)
  })

  test.each([
    ['400', failed(400)],
    ['500', failed(500)],
    ['no answer', failed(undefined)],
    ['410', { ...failed(410), outcome: 'gone' as const }],
    ['a delivery', delivered],
  ])('is the same after %s', (_title, attempt) => {
    expect(paceAfter(fullPace(16), attempt)).toEqual(fullPace(16))
  })

  test('counts what was in flight when the endpoint complained as one complaint', () => {
    let pace = paceAfter(fullPace(16), failed(503, 100, 200))
    for (const startedAt of [100, 150, 200]) pace = paceAfter(pace, failed(503, startedAt, 210))
    expect(pace.limit).toBe(8)
    expect(paceAfter(pace, failed(503, 201, 220)).limit).toBe(4)
  })

  test('never stops', () => {
    let pace = fullPace(3)
    for (const startedAt of [0, 10, 20, 30]) pace = paceAfter(pace, failed(429, startedAt))
    expect(pace.limit).toBe(1)
  })

  test('regains about one for as many deliveries as are in flight at once, and no more than it had', () => {
    let pace = paceAfter(fullPace(6), failed(429))
    const limits = Array.from({ length: 20 }, () => {
      pace = paceAfter(pace, delivered)
      return Math.floor(pace.limit)
    })
    expect(limits.slice(0, 3)).toEqual([3, 3, 3])
    expect([limits.indexOf(4), limits.indexOf(5), limits.indexOf(6)]).toEqual([3, 7, 13])
    expect(pace.limit).toBe(6)
  })
})
