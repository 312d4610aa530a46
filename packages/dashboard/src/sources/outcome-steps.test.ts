import { expect, test } from 'vitest'
import { startOfSteps, toSteps } from './outcome-steps.ts'

const now = Date.parse('2026-11-29T08:50:00Z')
const minute = (time: string, delivered: number, failed: number) => ({
  endpointId: 'crm',
  minute: new Date(`2026-11-${time}:00Z`),
  delivered,
  failed,
})

test('minutes of all endpoints are summed up in steps of a quarter of an hour, for a day', () => {
  expect(new Date(startOfSteps(now))).toEqual(new Date('2026-11-28T09:00:00Z'))
  const steps = toSteps(
    [
      minute('28T08:59', 100, 100),
      minute('28T09:00', 1, 0),
      minute('29T08:44', 2, 1),
      minute('29T08:45', 3, 0),
      minute('29T08:50', 4, 2),
      // Another machine's clock is ahead.
      minute('29T09:00', 100, 100),
    ],
    now,
  )
  expect(steps).toHaveLength(96)
  expect(steps.filter(({ delivered }) => delivered > 0)).toEqual([
    { from: new Date('2026-11-28T09:00:00Z'), delivered: 1, failed: 0 },
    { from: new Date('2026-11-29T08:30:00Z'), delivered: 2, failed: 1 },
    { from: new Date('2026-11-29T08:45:00Z'), delivered: 7, failed: 2 },
  ])
})
