import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DedupeClaim, DedupeStore } from './dedupe-store.ts'
import { memoryDedupe, type MemoryDedupeOptions } from './memory-dedupe.ts'

const claimInMs = 60
const keepInMs = 1000

function withClock(options: MemoryDedupeOptions = {}) {
  const clock = { timeInMs: 0 }
  return { store: memoryDedupe({ claimInMs, keepInMs, ...options, now: () => clock.timeInMs }), clock }
}

async function claim(store: DedupeStore, id: string, tenant?: string): Promise<DedupeClaim> {
  const state = await store.begin(id, tenant === undefined ? {} : { tenant })
  if (typeof state === 'string') throw new Error(`expected a claim, not ${state}`)
  return state
}

const commit = async (store: DedupeStore, id: string, tenant?: string): Promise<void> =>
  (await claim(store, id, tenant)).commit()

describe('memoryDedupe', () => {
  test('gives a claim once, then is in progress, then done', async () => {
    const { store } = withClock()
    const first = await claim(store, 'a')
    expect(await store.begin('a')).toBe('in-progress')
    await first.commit()
    expect(await store.begin('a')).toBe('done')
    await claim(store, 'b')
  })

  test('gives one of many at once the claim', async () => {
    const { store } = withClock()
    const states = await Promise.all(Array.from({ length: 50 }, () => store.begin('a')))
    expect(states.filter((state) => state === 'in-progress')).toHaveLength(49)
  })

  test('can be claimed again after an abort', async () => {
    const { store } = withClock()
    await (await claim(store, 'a')).abort()
    expect(await store.begin('a')).toBeTypeOf('object')
  })

  test('lets go of a claim that is not renewed in time, and not of one that is', async () => {
    const { store, clock } = withClock()
    const slow = await claim(store, 'a')
    await claim(store, 'b')
    clock.timeInMs = 59
    expect(await slow.renew()).toBe(true)
    clock.timeInMs = 118
    expect(await store.begin('a')).toBe('in-progress')
    expect(await store.begin('b')).toBeTypeOf('object')
    clock.timeInMs = 119
    expect(await store.begin('a')).toBeTypeOf('object')
  })

  // Without fencing, a late abort freed the claim of another, and a late commit made its failure a success.
  test.each(['commit', 'abort', 'renew'] as const)(
    'lets a late %s change nothing once another has the claim',
    async (late) => {
      const { store, clock } = withClock()
      const first = await claim(store, 'a')
      clock.timeInMs = 60
      const second = await claim(store, 'a')
      const answer = await first[late]()
      expect(answer).toBe(late === 'renew' ? false : undefined)
      expect(await store.begin('a')).toBe('in-progress')
      await second.abort()
      expect(await store.begin('a')).toBeTypeOf('object')
    },
  )

  test('lets a late commit count as long as no other has the claim', async () => {
    const { store, clock } = withClock()
    const slow = await claim(store, 'a')
    clock.timeInMs = 600
    await slow.commit()
    expect(await store.begin('a')).toBe('done')
  })

  test('does not undo a commit by a late abort', async () => {
    const { store } = withClock()
    const first = await claim(store, 'a')
    await first.commit()
    await first.abort()
    expect(await store.begin('a')).toBe('done')
  })

  test('forgets what is done at the end of its time', async () => {
    const { store, clock } = withClock()
    await commit(store, 'a')
    clock.timeInMs = 999
    expect(await store.begin('a')).toBe('done')
    clock.timeInMs = 1000
    expect(await store.begin('a')).toBeTypeOf('object')
  })

  test('remembers for longer than the 76 hours that Standard Webhooks senders retry', async () => {
    expect(memoryDedupe().keepInMs).toBeGreaterThan(76 * 60 * 60 * 1000)
  })

  test('evicts the delivery that was done first', async () => {
    const { store } = withClock({ maxEntries: 2 })
    const claims = [await claim(store, 'a'), await claim(store, 'b'), await claim(store, 'c')] as const
    for (const index of [1, 0, 2] as const) await claims[index].commit()
    expect(await store.begin('a')).toBe('done')
    expect(await store.begin('c')).toBe('done')
    expect(await store.begin('b')).toBeTypeOf('object')
  })

  test('never evicts what is in progress', async () => {
    const { store } = withClock({ maxEntries: 1 })
    await claim(store, 'slow')
    for (let number = 0; number < 100; number += 1) await commit(store, String(number))
    expect(await store.begin('slow')).toBe('in-progress')
  })

  // One that sent much once made the store forget what the others had sent.
  test('evicts of a tenant over its share, never of another within its own', async () => {
    const { store } = withClock({ maxEntries: 20 })
    for (let number = 0; number < 10; number += 1) await commit(store, `quiet ${number}`, 'quiet')
    for (let number = 0; number < 500; number += 1) await commit(store, `loud ${number}`, 'loud')
    for (let number = 0; number < 10; number += 1) {
      expect(await store.begin(`quiet ${number}`, { tenant: 'quiet' })).toBe('done')
    }
    expect(await store.begin('loud 499', { tenant: 'loud' })).toBe('done')
    expect(await store.begin('loud 489', { tenant: 'loud' })).toBeTypeOf('object')
  })

  test('makes room for a new tenant at the cost of the largest', async () => {
    const { store } = withClock({ maxEntries: 10 })
    for (let number = 0; number < 10; number += 1) await commit(store, `loud ${number}`, 'loud')
    await commit(store, 'quiet', 'quiet')
    expect(await store.begin('quiet', { tenant: 'quiet' })).toBe('done')
    expect(await store.begin('loud 0', { tenant: 'loud' })).toBeTypeOf('object')
    expect(await store.begin('loud 9', { tenant: 'loud' })).toBe('done')
  })

  // 100 000 ids of 8 KB were 800 MB.
  test('takes no more memory for long ids than for short ones', async () => {
    const store = memoryDedupe()
    const before = process.memoryUsage().heapUsed
    for (let number = 0; number < 20_000; number += 1) await commit(store, `${number}`.padEnd(8000, 'x'))
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(100)
    expect(await store.begin('19999'.padEnd(8000, 'x'))).toBe('done')
    expect(await store.begin('19999'.padEnd(8001, 'x'))).toBeTypeOf('object')
  })

  test('takes no id for the hash of another', async () => {
    const { store } = withClock()
    const id = fc.string({ minLength: 30, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 2, maxLength: 10 }), async (ids) => {
        for (const one of ids) await (await claim(store, one)).abort()
        const claims = await Promise.all(ids.map((one) => store.begin(one)))
        expect(claims.every((state) => typeof state === 'object')).toBe(true)
        for (const state of claims) if (typeof state === 'object') await state.abort()
      }),
    )
  })

  test('behaves as a list of claims does, under any sequence of calls', async () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd')
    const call = fc.oneof(
      { weight: 3, arbitrary: fc.record({ name: fc.constant('begin' as const), id }) },
      fc.record({
        name: fc.constantFrom('commit' as const, 'abort' as const, 'renew' as const),
        id,
        nth: fc.nat(3),
      }),
      fc.record({ name: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (sequence) => {
        const { store, clock } = withClock()
        const answers: unknown[] = []
        const expectedAnswers: unknown[] = []
        const given = new Map<string, DedupeClaim[]>()
        // The model: who owns an id and until when, and until when it is done.
        const owner = new Map<string, { claim: DedupeClaim; endsAt: number }>()
        const done = new Map<string, number>()
        for (const one of sequence) {
          const time = clock.timeInMs
          if (one.name === 'wait') clock.timeInMs += one.ms
          else if (one.name === 'begin') {
            const state = await store.begin(one.id)
            const isOwned = (owner.get(one.id)?.endsAt ?? 0) > time
            const expected = isOwned ? 'in-progress' : (done.get(one.id) ?? 0) > time ? 'done' : 'object'
            answers.push(typeof state === 'object' ? 'object' : state)
            expectedAnswers.push(expected)
            if (typeof state !== 'object') continue
            given.set(one.id, [...(given.get(one.id) ?? []), state])
            owner.set(one.id, { claim: state, endsAt: time + claimInMs })
          } else {
            const chosen = given.get(one.id)?.at(-1 - one.nth)
            if (chosen === undefined) continue
            const isOwner = owner.get(one.id)?.claim === chosen
            const answer = await chosen[one.name]()
            answers.push(answer)
            expectedAnswers.push(one.name === 'renew' ? isOwner : undefined)
            if (!isOwner) continue
            if (one.name === 'renew') owner.set(one.id, { claim: chosen, endsAt: time + claimInMs })
            else owner.delete(one.id)
            if (one.name === 'commit') done.set(one.id, time + keepInMs)
          }
        }
        expect(answers).toEqual(expectedAnswers)
      }),
      { numRuns: 500 },
    )
  })

  test.each(['maxEntries', 'claimInMs', 'keepInMs'])('refuses a %s that is no positive integer', (option) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10']) {
      expect(() => memoryDedupe({ [option]: value })).toThrow(
        expect.objectContaining({ code: 'option_invalid', option }),
      )
    }
  })

  test('refuses a clock that is no function', () => {
    expect(() => memoryDedupe({ now: 0 as unknown as () => number })).toThrow(
      expect.objectContaining({ option: 'now' }),
    )
  })

  test('refuses an option that is not known', () => {
    expect(() => memoryDedupe({ maxentries: 1 } as MemoryDedupeOptions)).toThrow(
      'maxentries: is not a known option; the nearest one is "maxEntries"',
    )
  })

  test('refuses a claim of more than a day, as a verifier would', () => {
    expect(() => memoryDedupe({ claimInMs: 86_400_001 })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'claimInMs' }),
    )
  })
})
