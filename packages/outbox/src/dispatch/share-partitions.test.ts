import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharePartitions } from './share-partitions.ts'

const dispatchers = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1 }), endpointIds: fc.subarray(['one', 'two', 'three']) }),
  { selector: ({ id }) => id, maxLength: 80 },
)

test('every partition of an endpoint is the share of one of its dispatchers, as evenly as can be', () => {
  fc.assert(
    fc.property(dispatchers, fc.constantFrom(1, 16, 64), fc.nat(), (all, partitionCount, seed) => {
      // Each sees the others in an order of its own.
      const share = (id: string, place: number) => [
        ...sharePartitions({ dispatcherId: id, endpointId: 'one', partitionCount }, [
          ...all.slice((seed + place) % (all.length || 1)),
          ...all.slice(0, (seed + place) % (all.length || 1)),
        ]),
      ]
      const members = all.filter(({ endpointIds }) => endpointIds.includes('one'))
      const shares = members.map(({ id }, place) => share(id, place))
      expect(shares.flat().toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: members.length > 0 ? partitionCount : 0 }, (_, index) => index),
      )
      const sizes = new Set(shares.map(({ length }) => length))
      expect(Math.max(0, ...sizes) - Math.min(...sizes, Math.max(0, ...sizes))).toBeLessThanOrEqual(1)
      const others = all.filter(({ endpointIds }) => !endpointIds.includes('one'))
      expect(others.flatMap(({ id }) => share(id, 0))).toEqual([])
    }),
  )
})

test('one that has not joined has no share', () => {
  const others = [{ id: 'other', endpointIds: ['one'] }]
  expect(sharePartitions({ dispatcherId: 'new', endpointId: 'one', partitionCount: 16 }, others).size).toBe(0)
  expect(sharePartitions({ dispatcherId: 'new', endpointId: 'one', partitionCount: 16 }, []).size).toBe(0)
})
