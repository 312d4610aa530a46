import { expect, test } from 'vitest'
import { judgeStatus } from './judge-status.ts'

test.each([
  [100, 199, 'retry'],
  [200, 299, 'delivered'],
  [300, 399, 'retry'],
  [400, 409, 'retry'],
  [410, 410, 'gone'],
  [411, 599, 'retry'],
])('every status from %i to %i is %s', (first, last, outcome) => {
  for (let status = first; status <= last; status += 1) {
    expect([status, judgeStatus(status)]).toEqual([status, outcome])
  }
})
