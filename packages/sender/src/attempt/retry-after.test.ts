import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryAfterInMs } from './retry-after.ts'

const now = Date.parse('2026-11-23T12:00:00.250Z')

describe('retryAfterInMs', () => {
  test('reads seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seconds) => {
        expect(retryAfterInMs(String(seconds), now)).toBe(seconds * 1000)
      }),
    )
  })

  test('takes a number without bounds for the largest one', () => {
    expect(retryAfterInMs('9'.repeat(400), now)).toBe(2 ** 31 * 1000)
  })

  test('reads a date as the time from now until then', () => {
    expect(retryAfterInMs('Mon, 23 Nov 2026 12:01:00 GMT', now)).toBe(59_750)
    expect(retryAfterInMs('Monday, 23-Nov-26 12:01:00 GMT', now)).toBe(59_750)
    expect(retryAfterInMs('Mon Nov 23 12:01:00 2026', now)).toBe(59_750)
  })

  test('takes a date in the past for no wait', () => {
    expect(retryAfterInMs('Mon, 23 Nov 2026 12:00:00 GMT', now)).toBe(0)
  })

  test.each(['', '-1', '+1', '1.5', '1e3', '0x10', '1 ', '1, 2', 'soon', '１２', 'Infinity', '2026-11-23'])(
    'takes %j for nothing asked',
    (value) => {
      expect(retryAfterInMs(value, now)).toBeUndefined()
    },
  )

  test('never throws, and a wait is never negative, endless or a fraction', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const wait = retryAfterInMs(value, now)
        expect(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0)).toBe(true)
      }),
    )
  })
})
