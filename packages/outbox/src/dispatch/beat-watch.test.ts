import { describe, expect, test } from 'vitest'
import { createBeatWatch } from './beat-watch.ts'

const leaseInMs = 15_000

/** Looks at those times, each with the beat that it sees; whether it takes the other for dead at the last one. */
function watch(looks: readonly (readonly [at: number, beat: number])[]): boolean {
  const beatWatch = createBeatWatch(leaseInMs)
  const found = looks.map(([at, beat]) => beatWatch.look([{ id: 'other', beat }], at))
  for (const dead of found.slice(0, -1)) expect(dead).toEqual([])
  return found.at(-1)!.length > 0
}

describe('a dispatcher is taken for dead', () => {
  test('when its beat stood still for a lease', () => {
    expect(
      watch([
        [0, 7],
        [5000, 7],
        [10_000, 7],
        [14_999, 7],
      ]),
    ).toBe(false)
    expect(
      watch([
        [0, 7],
        [5000, 7],
        [10_000, 7],
        [15_000, 7],
      ]),
    ).toBe(true)
  })

  test('not while its beat moves, however little', () => {
    expect(
      watch(Array.from({ length: 100 }, (_, index) => [index * 7000, Math.floor(index / 2)] as const)),
    ).toBe(false)
  })

  test('not by one that has only just come', () => {
    expect(watch([[1_000_000, 7]])).toBe(false)
  })

  test('not by one that slept, while it lived on', () => {
    expect(
      watch([
        [0, 7],
        [5000, 8],
        [3_600_000, 700],
      ]),
    ).toBe(false)
  })

  // A beat that came a little late was seen twice before a laptop slept: the first look after that made the third.
  test('not when both slept, before it had the time to say that it lives', () => {
    expect(
      watch([
        [0, 7],
        [5000, 7],
        [3_600_000, 7],
      ]),
    ).toBe(false)
    expect(
      watch([
        [0, 7],
        [5000, 7],
        [3_600_000, 7],
        [3_600_500, 7],
        [3_604_000, 8],
      ]),
    ).toBe(false)
    expect(
      watch([
        [0, 7],
        [5000, 7],
        [3_600_000, 7],
        [3_605_000, 7],
      ]),
    ).toBe(true)
  })

  test('as it was when it is found dead', () => {
    const beatWatch = createBeatWatch(leaseInMs)
    for (const at of [0, 5000, 10_000])
      beatWatch.look(
        [
          { id: 'a', beat: 1 },
          { id: 'b', beat: at },
        ],
        at,
      )
    expect(
      beatWatch.look(
        [
          { id: 'a', beat: 1 },
          { id: 'b', beat: 99 },
        ],
        15_000,
      ),
    ).toEqual([{ id: 'a', beat: 1 }])
  })

  test('anew when one of that id has come again', () => {
    const beatWatch = createBeatWatch(leaseInMs)
    for (const at of [0, 5000, 10_000]) beatWatch.look([{ id: 'a', beat: 1 }], at)
    beatWatch.look([], 12_000)
    expect(beatWatch.look([{ id: 'a', beat: 1 }], 16_000)).toEqual([])
  })
})
