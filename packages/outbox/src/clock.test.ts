import { expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

test('a timer of the system clock calls back once, unless it is called off', async () => {
  const called: string[] = []
  const last = Promise.withResolvers<void>()
  systemClock.after(0, () => called.push('first'))
  systemClock.after(1, () => called.push('called off'))()
  systemClock.after(2, last.resolve)
  await last.promise
  expect(called).toEqual(['first'])
})

test('a timer of a month waits, although Node.js cannot count that far', async () => {
  const warned = vi.fn<(warning: Error) => void>()
  process.on('warning', warned)
  const called = vi.fn<() => void>()
  const callOff = systemClock.after(31 * 24 * 3_600_000, called)
  const later = Promise.withResolvers<void>()
  systemClock.after(5, later.resolve)
  await later.promise
  callOff()
  process.off('warning', warned)
  expect([called, warned].map((mock) => mock.mock.calls)).toEqual([[], []])
})
