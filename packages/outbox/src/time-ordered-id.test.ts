import { afterEach, expect, test, vi } from 'vitest'
import { timeOrderedId } from './time-ordered-id.ts'

afterEach(() => {
  vi.useRealTimers()
})

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function makeIds(count: number): string[] {
  return Array.from({ length: count }, timeOrderedId)
}

test('ids are UUIDs of version 7 with the time that they were made at', () => {
  vi.useFakeTimers({ now: Date.now() + 60_000 })
  const [id] = makeIds(1)
  expect(id).toMatch(version7)
  expect(Number.parseInt(id!.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.now())
})

test('ids of one millisecond are all different, and in the order in which they were made', () => {
  vi.useFakeTimers({ now: Date.now() + 120_000 })
  const ids = makeIds(1000)
  expect(new Set(ids).size).toBe(1000)
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.filter((id) => !version7.test(id))).toEqual([])
})

test('ids stay in their order when the clock is set back', () => {
  vi.useFakeTimers({ now: Date.now() + 180_000 })
  const before = makeIds(3)
  vi.setSystemTime(Date.now() - 3_600_000)
  const ids = [...before, ...makeIds(3)]
  expect(ids.toSorted()).toEqual(ids)
})

test('no random bytes are used twice', () => {
  const tails = makeIds(2000).map((id) => id.slice(-10))
  expect(new Set(tails).size).toBe(2000)
})
