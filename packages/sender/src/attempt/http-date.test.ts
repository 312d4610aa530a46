import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHttpDate } from './http-date.ts'

const now = Date.parse('2026-11-23T12:00:00Z')

/** The other two forms, written from the first, which JavaScript has. */
function forms(date: Date): string[] {
  const [dayName = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(/,? /)
  const longDayName = date.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' })
  return [
    date.toUTCString(),
    `${longDayName}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
    `${dayName} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
  ]
}

describe('parseHttpDate', () => {
  test('reads the three examples of RFC 9110 as the same time', () => {
    const expected = Date.parse('1994-11-06T08:49:37Z')
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(expected)
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(expected)
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994', now)).toBe(expected)
  })

  test('reads every second from 49 years ago to 49 years ahead in all three forms', () => {
    const year = 365 * 24 * 3600
    fc.assert(
      fc.property(fc.integer({ min: -49 * year, max: 49 * year }), (offsetInSeconds) => {
        const date = new Date(now + offsetInSeconds * 1000)
        for (const form of forms(date))
          expect({ form, time: parseHttpDate(form, now) }).toEqual({ form, time: date.getTime() })
      }),
    )
  })

  test('reads four-digit years from 0001 to 9999', () => {
    const range = {
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    }
    fc.assert(
      fc.property(fc.date(range), (date) => {
        const inSeconds = Math.floor(date.getTime() / 1000) * 1000
        expect(parseHttpDate(date.toUTCString(), now)).toBe(inSeconds)
      }),
    )
  })

  test('takes two digits for the future up to 50 years, beyond that for the past', () => {
    expect(parseHttpDate('Monday, 23-Nov-76 12:00:00 GMT', now)).toBe(Date.parse('2076-11-23T12:00:00Z'))
    expect(parseHttpDate('Tuesday, 23-Nov-76 12:00:01 GMT', now)).toBe(Date.parse('1976-11-23T12:00:01Z'))
    const nearTheTurn = Date.parse('2060-01-01T00:00:00Z')
    expect(parseHttpDate('Wednesday, 01-Jan-05 00:00:00 GMT', nearTheTurn)).toBeUndefined()
    expect(parseHttpDate('Thursday, 01-Jan-05 00:00:00 GMT', nearTheTurn)).toBe(
      Date.parse('2105-01-01T00:00:00Z'),
    )
  })

  test('takes a leap second for the second before it', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.parse('2016-12-31T23:59:59Z'))
  })

  test.each([
    ['', 'nothing'],
    ['Sun, 06 Nov 1994 08:49:37', 'no zone'],
    ['Sun, 06 Nov 1994 08:49:37 +0000', 'another zone'],
    ['sun, 06 nov 1994 08:49:37 gmt', 'the wrong case'],
    ['Sun, 6 Nov 1994 08:49:37 GMT', 'one digit'],
    ['Sun, 06 Nov 1994 24:00:00 GMT', 'hour 24'],
    ['Sun, 06 Nov 1994 08:60:00 GMT', 'minute 60'],
    ['Sun, 06 Nov 1994 08:00:61 GMT', 'second 61'],
    ['Mon, 06 Nov 1994 08:49:37 GMT', 'the wrong day'],
    ['Wed, 30 Feb 2022 00:00:00 GMT', 'a day that does not exist'],
    ['Sun, 00 Nov 1994 08:49:37 GMT', 'day 0'],
    ['Sun Nov 006 08:49:37 1994', 'three digits'],
    ['1994-11-06T08:49:37Z', 'ISO 8601'],
    [' Sun, 06 Nov 1994 08:49:37 GMT', 'a space before'],
    ['Sun, 06 Nov 1994 08:49:37 GMT\n', 'a line break after'],
  ])('refuses %j: %s', (value) => {
    expect(parseHttpDate(value, now)).toBeUndefined()
  })
})
