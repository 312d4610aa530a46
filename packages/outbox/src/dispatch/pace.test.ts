import { describe, expect, test } from 'vitest'
import { fullPace, paceAfter } from './pace.ts'

const now = { startedAt: 0, now: 1 }
const failed = (status?: number, retryAfterInMs?: number) => ({
  outcome: 'retry' as const,
  ...(status !== undefined && { status }),
  ...(retryAfterInMs !== undefined && { retryAfterInMs }),
})
const delivered = { outcome: 'delivered' as const, status: 200 }

describe('paceAfter', () => {
  test.each([
    ['429', failed(429)],
    ['429 with a time', failed(429, 1000)],
    ['503 with a time', failed(503, 1000)],
  ])('halves when the endpoint answers %s', (_title, report) => {
    expect(paceAfter(fullPace(16), report, now).limit).toBe(8)
  })

  // Any of these may be of one task alone, and must not slow the others.
  test.each([
    ['400', failed(400)],
    ['500', failed(500)],
    ['502', failed(502)],
    ['503', failed(503)],
    ['504', failed(504)],
    ['no answer', failed()],
    ['410', { outcome: 'gone' as const, status: 410 }],
    ['a delivery', delivered],
  ])('is the same after %s', (_title, report) => {
    expect(paceAfter(fullPace(16), report, now)).toEqual(fullPace(16))
  })

  test('counts what was in flight when the endpoint complained as one complaint', () => {
    let pace = paceAfter(fullPace(16), failed(429), { startedAt: 100, now: 200 })
    for (const startedAt of [100, 150, 200]) pace = paceAfter(pace, failed(429), { startedAt, now: 210 })
    expect(pace.limit).toBe(8)
    expect(paceAfter(pace, failed(429), { startedAt: 201, now: 220 }).limit).toBe(4)
  })

  test('never stops', () => {
    let pace = fullPace(3)
    for (const startedAt of [0, 10, 20, 30])
      pace = paceAfter(pace, failed(429), { startedAt, now: startedAt + 1 })
    expect(pace.limit).toBe(1)
  })

  test('regains about one for as many deliveries as are in flight at once, and no more than it had', () => {
    let pace = paceAfter(fullPace(6), failed(429), now)
    const limits = Array.from({ length: 20 }, () => {
      pace = paceAfter(pace, delivered, now)
      return Math.floor(pace.limit)
    })
    expect(limits.slice(0, 3)).toEqual([3, 3, 3])
    expect([limits.indexOf(4), limits.indexOf(5), limits.indexOf(6)]).toEqual([3, 7, 13])
    expect(pace.limit).toBe(6)
  })
})
