import type { EndpointStatus } from '@taskhook/outbox'
import { expect, test } from 'vitest'
import { describeNeed, findNeeds } from './find-needs.ts'

const now = Date.UTC(2026, 10, 29)
const ago = (timeInMs: number): Date => new Date(now - timeInMs)
const fine: EndpointStatus = {
  id: 'one',
  isConfigured: false,
  isDispatched: true,
  pending: 3,
  oldestPendingAgeInMs: 60_000,
  held: 0,
  exhausted: 0,
  circuit: { state: 'closed', since: ago(0) },
}

test.each<[Partial<EndpointStatus>, string[]]>([
  [{}, []],
  [{ paused: { reason: 'gone', since: ago(1) }, pending: 0 }, ['gone']],
  [{ paused: { reason: 'operator', since: ago(1) } }, ['paused']],
  [{ paused: { reason: 'operator', since: ago(1) }, pending: 0 }, []],
  [{ held: 1 }, ['held']],
  [{ exhausted: 1 }, ['exhausted']],
  [{ circuit: { state: 'open', since: ago(60_000) } }, []],
  [{ circuit: { state: 'open', since: ago(600_000) } }, ['circuit']],
  [{ isDispatched: false }, ['dispatcher']],
  [{ isDispatched: false, pending: 0 }, []],
  [{ oldestPendingAgeInMs: 3_600_001 }, ['age']],
])('%j needs %j', (given, needs) => {
  expect(findNeeds({ ...fine, ...given }, { now, maxAgeInMs: 3_600_000 })).toEqual(needs)
  for (const need of findNeeds({ ...fine, ...given }, { now })) expect(describeNeed(need, 'one')).not.toBe('')
})
