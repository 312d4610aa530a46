import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

const names = ['secret', 'key', 'replayProtection', 'toleranceInSeconds', 'dedupe']

test.each([
  ['secrets', 'secret'],
  ['replayprotection', 'replayProtection'],
  ['TOLERANCE', 'toleranceInSeconds'],
  ['kye', 'key'],
  ['tolerated', 'toleranceInSeconds'],
  ['__proto__', 'secret'],
])('the name nearest to %s is %s', (name, nearest) => {
  expect(nearestName(name, names)).toBe(nearest)
})

test('of no names none is nearest', () => {
  expect(nearestName('secret', [])).toBeUndefined()
})
