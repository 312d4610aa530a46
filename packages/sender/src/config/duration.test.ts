import { OptionError } from '@taskhook/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationPattern, resolveDuration } from './duration.ts'

describe('resolveDuration', () => {
  test.each([
    ['PT30S', 30_000],
    ['PT0S', 0],
    ['PT1M30S', 90_000],
    ['PT90M', 5_400_000],
    ['P1D', 86_400_000],
    ['P1DT12H', 129_600_000],
    ['P1W', 604_800_000],
    ['P1W1DT1S', 691_201_000],
    ['PT0.5S', 500],
    ['PT0,5S', 500],
    ['PT1.5H', 5_400_000],
    ['+PT1S', 1000],
    ['pt1s', 1000],
  ])('%s is %i ms', (iso, milliseconds) => {
    expect(resolveDuration(iso)).toBe(milliseconds)
  })

  test('rounds up, so that what is not zero stays so', () => {
    expect(resolveDuration('PT0.0001S')).toBe(1)
    expect(resolveDuration('PT1.0001S')).toBe(1001)
  })

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    '30',
    '30s',
    '30 seconds',
    'T30S',
    'PT30',
    'PT30S ',
    ' PT30S',
    'PT30S\n',
    'PT1S1M',
    'PT.5S',
    'PT0.5H3M',
    'PT0.0000000001S',
    'P1.5D',
    'PT1e3S',
    'PT٣S',
    `PT${'9'.repeat(30)}S`,
  ])('refuses %j, which is no duration', (iso) => {
    expect(() => resolveDuration(iso)).toThrow(OptionError)
  })

  test.each(['P1Y', 'P1M', 'P1Y2M3DT4H', 'P0Y'])('refuses %s, which has no fixed length', (iso) => {
    expect(() => resolveDuration(iso)).toThrow('years and months have no fixed length')
  })

  test.each(['-PT30S', 'PT-30S', '-P1D', '-PT0S'])('refuses %s, which is negative', (iso) => {
    expect(() => resolveDuration(iso)).toThrow('not negative')
  })

  test('adds up its units', () => {
    const count = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(count, count, count, count, count, (weeks, days, hours, minutes, seconds) => {
        const inSeconds = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
        expect(resolveDuration(`P${weeks}W${days}DT${hours}H${minutes}M${seconds}S`)).toBe(inSeconds * 1000)
      }),
    )
  })

  test('gives a whole number or an OptionError for any text, and only what the pattern allows', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[+-]?P[0-9YMWDTHS.,]{0,12}$/))
    fc.assert(
      fc.property(text, (iso) => {
        const resolved = attempt(() => resolveDuration(iso))
        expect(resolved).toSatisfy(durationPattern.test(iso) ? isWholeOrOptionError : isOptionError)
      }),
    )
  })
})

function attempt(resolve: () => number): unknown {
  try {
    return resolve()
  } catch (error) {
    return error
  }
}

function isOptionError(value: unknown): boolean {
  return value instanceof OptionError
}

function isWholeOrOptionError(value: unknown): boolean {
  return Number.isInteger(value) || isOptionError(value)
}
