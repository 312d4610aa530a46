import { expect, test } from 'vitest'
import { parseDuration, parseMoment } from './parse-time.ts'

const now = Date.UTC(2026, 10, 29, 12)

test.each([
  ['2026-11-29', '2026-11-29T00:00:00.000Z'],
  ['2026-11-29T14:00', '2026-11-29T14:00:00.000Z'],
  ['2026-11-29T14:00:01.5Z', '2026-11-29T14:00:01.500Z'],
  ['2026-11-29T14:00+02:00', '2026-11-29T12:00:00.000Z'],
  ['2028-02-29T23:30-02:00', '2028-03-01T01:30:00.000Z'],
  ['2h', '2026-11-29T10:00:00.000Z'],
  ['7d', '2026-11-22T12:00:00.000Z'],
])('%s is %s', (text, moment) => {
  expect(parseMoment(text, now).toISOString()).toBe(moment)
})

test.each([
  '',
  'yesterday',
  '2h30m',
  '-2h',
  '2026-13-01',
  '2026-02-30',
  '2026-11-31T10:00Z',
  '2026-11-29T25:00',
  '1764374400',
  '29.11.2026',
])('"%s" is no moment', (text) => {
  expect(() => parseMoment(text, now)).toThrow(/like 2026-11-29T14:00Z/)
})

test('a duration has a unit', () => {
  expect(['30s', '15m', '2h', '1d'].map(parseDuration)).toEqual([30_000, 900_000, 7_200_000, 86_400_000])
  for (const text of ['', '30', '1.5h', 'PT2H', '1000000000d'])
    expect(() => parseDuration(text)).toThrow(/30s/)
})
