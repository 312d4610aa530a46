import { expect, test } from 'vitest'
import { describeDuration } from './describe-duration.ts'

test.each([
  [-5, '0 ms'],
  [850.4, '850 ms'],
  [1000, '1 s'],
  [59_999, '59 s'],
  [180_000, '3 min'],
  [181_000, '3 min 1 s'],
  [93_600_000, '1 d 2 h'],
  [40 * 86_400_000, '40 d'],
])('%d ms is %s', (inMs, words) => {
  expect(describeDuration(inMs)).toBe(words)
})
