import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LiveEvent } from './live-event.ts'
import { createLiveHub } from './live-hub.ts'

/** A hub with a clock that stands still, and a page that says how often it was made. */
function openHub() {
  let now = 0
  let onChange: (() => void) | undefined
  const timers = new Set<{ at: number; callback: () => void }>()
  const hub = createLiveHub({
    watch(listener) {
      onChange = listener
      return () => (onChange = undefined)
    },
    monotonicNow: () => now,
    delay(callback, inMs) {
      const timer = { at: now + inMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  })
  const page = { made: 0, text: 'first', takesInMs: 0, isAway: false }
  return {
    hub,
    page,
    isWatched: () => onChange !== undefined,
    change: () => onChange?.(),
    render: async () => {
      page.made += 1
      now += page.takesInMs
      if (page.isAway) throw new Error('away')
      return { type: 'page', version: 'v', title: 'A page', main: page.text } as const
    },
    open: (key: string, render: () => Promise<Extract<LiveEvent, { type: 'page' }>>) => {
      const heard: string[] = []
      const close = hub.subscribe(key, render, (event) =>
        heard.push(event.type === 'page' ? event.main : event.type),
      )
      return { heard, close }
    },
    /** Moves the clock, and lets what is due happen. */
    advance: async (inMs: number) => {
      const end = now + inMs
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers.delete(due)
        now = Math.max(now, due.at)
        due.callback()
        for (let turns = 0; turns < 10; turns += 1) await turn()
      }
      now = Math.max(now, end)
    },
  }
}

test('tells a page what it is when it opens, and again when it has changed', async () => {
  const { advance, change, open, page, render } = openHub()
  const { heard } = open('a', render)
  await advance(0)
  change()
  await advance(1000)
  expect(heard).toEqual(['first'])
  page.text = 'second'
  change()
  await advance(1000)
  expect(heard).toEqual(['first', 'second'])
})

test('makes nothing while nothing changes, but for a sign of life', async () => {
  const { advance, open, page, render } = openHub()
  const { heard } = open('a', render)
  await advance(60_000)
  expect(page.made).toBe(1)
  expect(heard).toEqual(['first', 'beat', 'beat', 'beat', 'beat'])
})

test('makes a page once for all that have it open, and once for many changes', async () => {
  const { advance, change, open, page, render } = openHub()
  const heard = Array.from({ length: 100 }, () => open('a', render).heard)
  await advance(0)
  expect(page.made).toBe(1)
  page.text = 'second'
  for (let changes = 0; changes < 1000; changes += 1) change()
  await advance(10_000)
  expect(page.made).toBe(2)
  for (const one of heard) expect(one).toEqual(['first', 'second'])
})

test('takes a hundredth of the time at most, however much changes', async () => {
  const { advance, change, open, page, render } = openHub()
  page.takesInMs = 20
  for (let index = 0; index < 5; index += 1) open(`page ${index}`, render)
  for (let inMs = 0; inMs < 60_000; inMs += 100) {
    change()
    await advance(100)
  }
  expect(page.made * page.takesInMs).toBeLessThanOrEqual(60_000 / 100 + 5 * 20)
  expect(page.made).toBeGreaterThan(20)
})

test('says that an outbox is away, looks again by itself, and then tells what is there', async () => {
  const { advance, change, open, page, render } = openHub()
  const { heard } = open('a', render)
  await advance(0)
  page.isAway = true
  change()
  await advance(9000)
  const later = open('a', render)
  page.isAway = false
  await advance(3000)
  expect(heard).toEqual(['first', 'away', 'first'])
  expect(later.heard).toEqual(['away', 'first'])
})

test('watches nothing while no page is open', async () => {
  const { advance, change, isWatched, open, page, render } = openHub()
  expect(isWatched()).toBe(false)
  const [one, other] = [open('a', render), open('b', render)]
  await advance(0)
  one.close()
  expect(isWatched()).toBe(true)
  other.close()
  other.close()
  expect(isWatched()).toBe(false)
  change()
  await advance(60_000)
  expect(page.made).toBe(2)
})
