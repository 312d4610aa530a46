import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryDedupe, type MemoryDedupeOptions } from './memory-dedupe.ts'

function withClock(options: MemoryDedupeOptions = {}) {
  const clock = { timeInMs: 0 }
  return { store: memoryDedupe({ ...options, now: () => clock.timeInMs }), clock }
}

describe('memoryDedupe', () => {
  test('is new once, then in progress, then done', async () => {
    const { store } = withClock()
    expect(await store.begin('a', 60)).toBe('new')
    expect(await store.begin('a', 60)).toBe('in-progress')
    await store.commit('a')
    expect(await store.begin('a', 60)).toBe('done')
    expect(await store.begin('b', 60)).toBe('new')
  })

  test('gives one of many at once the claim', async () => {
    const { store } = withClock()
    const states = await Promise.all(Array.from({ length: 50 }, () => store.begin('a', 60)))
    expect(states.filter((state) => state === 'new')).toHaveLength(1)
    expect(states.filter((state) => state === 'in-progress')).toHaveLength(49)
  })

  test('is new again after an abort', async () => {
    const { store } = withClock()
    await store.begin('a', 60)
    await store.abort('a')
    expect(await store.begin('a', 60)).toBe('new')
  })

  test('does not undo a commit by a late abort', async () => {
    const { store } = withClock()
    await store.begin('a', 60)
    await store.commit('a')
    await store.abort('a')
    expect(await store.begin('a', 60)).toBe('done')
  })

  test('knows nothing of what was committed without a claim', async () => {
    const { store } = withClock()
    await store.commit('a')
    expect(await store.begin('a', 60)).toBe('new')
  })

  test.each(['in-progress', 'done'] as const)(
    'forgets what is %s at the end of its time to live',
    async (state) => {
      const { store, clock } = withClock()
      await store.begin('a', 60)
      if (state === 'done') await store.commit('a')
      clock.timeInMs = 59_999
      expect(await store.begin('a', 60)).toBe(state)
      clock.timeInMs = 60_000
      expect(await store.begin('a', 60)).toBe('new')
    },
  )

  test('evicts the delivery that was done first', async () => {
    const { store } = withClock({ maxEntries: 2 })
    for (const id of ['a', 'b', 'c']) await store.begin(id, 60)
    for (const id of ['b', 'a', 'c']) await store.commit(id)
    expect(await store.begin('a', 60)).toBe('done')
    expect(await store.begin('c', 60)).toBe('done')
    expect(await store.begin('b', 60)).toBe('new')
  })

  test('never evicts what is in progress', async () => {
    const { store } = withClock({ maxEntries: 1 })
    await store.begin('slow', 60)
    for (let number = 0; number < 100; number += 1) {
      await store.begin(String(number), 60)
      await store.commit(String(number))
    }
    expect(await store.begin('slow', 60)).toBe('in-progress')
  })

  test('behaves as a list of claims does, under any sequence of calls', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const ttlInSeconds = fc.integer({ min: 1, max: 20 })
    const call = fc.oneof(
      { weight: 3, arbitrary: fc.record({ name: fc.constant('begin' as const), id, ttlInSeconds }) },
      { weight: 3, arbitrary: fc.record({ name: fc.constant('commit' as const), id }) },
      fc.record({ name: fc.constant('abort' as const), id }),
      fc.record({ name: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 10 }) }),
    )
    const calls = fc.array(call, { maxLength: 60 })

    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 4 }), async (sequence, maxEntries) => {
        const { store, clock } = withClock({ maxEntries })
        const claims = new Map<string, number>()
        const commits: { id: string; endsAt: number }[] = []
        const states: string[] = []
        const expectedStates: string[] = []

        for (const one of sequence) {
          switch (one.name) {
            case 'begin': {
              const isClaimed = (claims.get(one.id) ?? 0) > clock.timeInMs
              const position = commits.findLastIndex((commit) => commit.id === one.id)
              const isLive = (commits[position]?.endsAt ?? 0) > clock.timeInMs
              const isRecent = position >= commits.length - maxEntries
              const state = await store.begin(one.id, one.ttlInSeconds)
              // An older one that is live may still be there, as long as those since have left room.
              const mayBeEvicted = isLive && !isRecent && state === 'new'
              states.push(state)
              expectedStates.push(isClaimed ? 'in-progress' : isLive && !mayBeEvicted ? 'done' : 'new')
              if (state === 'new') claims.set(one.id, clock.timeInMs + one.ttlInSeconds * 1000)
              break
            }
            case 'commit': {
              const endsAt = claims.get(one.id)
              if (claims.delete(one.id)) commits.push({ id: one.id, endsAt: endsAt! })
              await store.commit(one.id)
              break
            }
            case 'abort':
              claims.delete(one.id)
              await store.abort(one.id)
              break
            case 'wait':
              clock.timeInMs += one.seconds * 1000
          }
        }
        expect(states).toEqual(expectedStates)
      }),
      { numRuns: 500 },
    )
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10'])(
    'refuses %j as maxEntries',
    (maxEntries) => {
      expect(() => memoryDedupe({ maxEntries: maxEntries as number })).toThrow(
        expect.objectContaining({ code: 'option_invalid', option: 'maxEntries' }),
      )
    },
  )

  test('refuses a clock that is no function', () => {
    expect(() => memoryDedupe({ now: 0 as unknown as () => number })).toThrow(
      expect.objectContaining({ option: 'now' }),
    )
  })
})
