import { describe, expect, test } from 'vitest'
import { judge } from './judge.ts'
import type { ReceivedRequest } from './received-request.ts'
import { sound } from './sound-run.ts'

const accepted = [
  { task: 'task', index: 0, deliveryIds: ['a'] },
  { task: 'task', index: 1, deliveryIds: ['b'] },
]

/** Requests one after the other. */
function requests(
  ...rows: readonly [id: string, sender: string, isDelivered?: boolean][]
): ReceivedRequest[] {
  return rows.map(([id, sender, isDelivered = true], index) => ({
    id,
    sender,
    isDelivered,
    arrivedAt: 2 * index,
    endedAt: 2 * index + 1,
  }))
}

describe('a run is', () => {
  test('sound when everything was delivered in order, failed attempts between or not', () => {
    const verdict = judge({ accepted, requests: requests(['a', 'one', false], ['a', 'one'], ['b', 'one']) })
    expect(verdict).toEqual({
      ...sound,
      deliveries: 2,
      requests: 3,
      duplicates: 0,
      mostLeftBehind: 0,
      late: [],
    })
  })

  test('sound when a killed process left something behind, which is counted', () => {
    const verdict = judge({
      accepted,
      requests: requests(['a', 'one'], ['a', 'two'], ['b', 'two']),
      killed: new Set(['one']),
    })
    expect(verdict).toMatchObject({ ...sound, duplicates: 1, mostLeftBehind: 1 })
  })

  test.each([
    ['something was never attempted', requests(['a', 'one']), { lost: ['b'] }],
    ['something was never taken', requests(['a', 'one'], ['b', 'one', false]), { lost: ['b'] }],
    [
      'a later one came first',
      requests(['b', 'one'], ['a', 'one'], ['b', 'one']),
      { outOfOrder: ['b'], unexplained: ['b'] },
    ],
    [
      'a later one was attempted before an earlier one was taken',
      requests(['a', 'one', false], ['b', 'one'], ['a', 'one']),
      { outOfOrder: ['b'] },
    ],
    [
      'a process that lived repeats itself',
      requests(['a', 'one'], ['a', 'one'], ['b', 'one']),
      { unexplained: ['a'] },
    ],
    [
      'a process repeats what another one, that lived, has delivered',
      requests(['a', 'one'], ['a', 'two'], ['b', 'one']),
      { unexplained: ['a'] },
    ],
    [
      'a sender sends what was not accepted',
      requests(['a', 'one'], ['b', 'one'], ['c', 'one']),
      { unknown: ['c'] },
    ],
  ])('not when %s', (_title, received, fault) => {
    expect(judge({ accepted, requests: received })).toMatchObject({ ...sound, ...fault })
  })

  test('sound when a stalled process comes late with what another one has delivered, which is counted', () => {
    const verdict = judge({
      accepted,
      requests: requests(['a', 'two'], ['a', 'one'], ['b', 'two']),
      stalled: new Set(['one']),
    })
    expect(verdict).toMatchObject({ ...sound, late: ['a'], duplicates: 1, mostLeftBehind: 0 })
  })

  test('not when a process attempts two of one task at once', () => {
    const received = requests(['a', 'one'], ['b', 'one'])
    for (const request of received) request.endedAt = 9
    expect(judge({ accepted, requests: received })).toMatchObject({ overlapping: ['b'], outOfOrder: ['b'] })
  })

  test('not when a killed process had sent something twice itself', () => {
    const received = requests(['a', 'one'], ['a', 'one'], ['b', 'two'])
    expect(judge({ accepted, requests: received, killed: new Set(['one']) })).toMatchObject({
      unexplained: ['a'],
    })
  })
})
