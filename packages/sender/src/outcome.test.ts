import { expect, test } from 'vitest'
import { outcomeOf } from './outcome.ts'

test.each([
  [100, 199, 'retry'],
  [200, 299, 'delivered'],
  [300, 399, 'retry'],
  [400, 409, 'retry'],
  [410, 410, 'gone'],
  [411, 599, 'retry'],
])('every status from %i to %i is %s', (first, last, outcome) => {
  for (let status = first; status <= last; status += 1) {
    expect([status, outcomeOf(status)]).toEqual([status, outcome])
  }
})
