import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxRetryAfterInMs, nextWaitInMs } from './retry-schedule.ts'

describe('nextWaitInMs', () => {
  const retryScheduleInMs = [0, 5000, 300_000]

  test.each([
    { tries: 1, random: 0.5, after: 5000 },
    { tries: 2, random: 0.5, after: 300_000 },
    { tries: 1, random: 0, after: 4000 },
    { tries: 1, random: 1, after: 6000 },
    { tries: 2, random: 0.25, after: 270_000 },
  ])('after attempt $tries waits as the schedule has it, with a jitter of a fifth ($random)', (given) => {
    expect(nextWaitInMs({ retryScheduleInMs, ...given })).toBe(given.after)
  })

  test.each([3, 4, 100])('has no next time after attempt %i of three', (tries) => {
    expect(nextWaitInMs({ retryScheduleInMs, tries, random: 0 })).toBeUndefined()
    expect(nextWaitInMs({ retryScheduleInMs, tries, random: 0, retryAfterInMs: 5000 })).toBeUndefined()
  })

  test.each([
    ['longer than the wait holds', 20_000, 20_000],
    ['shorter than the wait changes nothing', 10, 5000],
    ['of nothing changes nothing', 0, 5000],
    ['in the past changes nothing', -5000, 5000],
    ['of a week is cut to a day', 7 * 24 * 3_600_000, 24 * 3_600_000],
    ['without end is cut to a day', Number.POSITIVE_INFINITY, maxRetryAfterInMs],
  ])('a Retry-After %s', (_title, retryAfterInMs, after) => {
    expect(nextWaitInMs({ retryScheduleInMs, tries: 1, random: 0.5, retryAfterInMs })).toBe(after)
  })

  test('is a whole number of milliseconds, within a fifth of the wait and not before the Retry-After', () => {
    fc.assert(
      fc.property(
        fc.record({
          wait: fc.double({ min: 0, max: 1e8, noNaN: true }),
          random: fc.double({ min: 0, max: 1, noNaN: true }),
          retryAfterInMs: fc.option(fc.nat(maxRetryAfterInMs), { nil: undefined }),
        }),
        ({ wait, random, retryAfterInMs }) => {
          const at = nextWaitInMs({ retryScheduleInMs: [0, wait], tries: 1, random, retryAfterInMs })!
          expect(Number.isSafeInteger(at)).toBe(true)
          expect(at).toBeGreaterThanOrEqual(Math.max(0.799 * wait - 0.5, retryAfterInMs ?? 0))
          expect(at).toBeLessThanOrEqual(Math.max(1.201 * wait, retryAfterInMs ?? 0) + 1)
        },
      ),
    )
  })
})
