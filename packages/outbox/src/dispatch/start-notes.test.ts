import { describe, expect, test } from 'vitest'
import type { AttemptEnd, AttemptStart } from '../ledger.ts'
import { createTestClock } from '../testing/test-clock.ts'
import { nextTurn } from './next-turn.ts'
import { createStartNotes } from './start-notes.ts'

interface Write {
  starts: readonly AttemptStart[]
  ends: readonly AttemptEnd[]
  answer: (answers?: (number | 'lost')[]) => void
  fail: (error: unknown) => void
}

/** Notes for a ledger that answers when the test says so. */
function open() {
  const writes: Write[] = []
  const failures: unknown[] = []
  const clock = createTestClock()
  let losses = 0
  const notes = createStartNotes({
    ledger: {
      noteStarts(_dispatcherId, starts, ends) {
        const { promise, resolve, reject } = Promise.withResolvers<(number | 'lost')[]>()
        const answer = (answers = starts.map((): number | 'lost' => 0)): void => resolve(answers)
        writes.push({ starts, ends, answer, fail: reject })
        return promise
      },
    },
    memberId: () => 'me',
    clock,
    onLost: () => void (losses += 1),
    onFailure: (error) => failures.push(error),
  })
  return { notes, writes, failures, clock, losses: () => losses }
}

const start = (number: number): AttemptStart => ({
  endpointId: 'one',
  partition: 0,
  epoch: 1,
  number,
  tries: 0,
  isAlone: false,
})

describe('the notes of starts', () => {
  test('are one write for those that begin together', async () => {
    const { notes, writes } = open()
    const begun = [notes.begin(start(1)), notes.begin(start(2))]
    await nextTurn()
    writes[0]!.answer()
    expect(await Promise.all(begun)).toMatchObject([{ crashes: 0 }, { crashes: 0 }])
    expect(writes).toHaveLength(1)
  })

  // On PostgreSQL both were under way on connections of their own. The end came last, and undid the start: had the process ended then, it
  // would not have counted.
  test('are written one after the other, so that no end undoes a start that came after it', async () => {
    const { notes, writes } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.answer()
    void (await first)!.end(false)
    await nextTurn()
    expect(writes[1]).toMatchObject({ starts: [], ends: [{ number: 1, isSettled: false }] })
    const second = notes.begin(start(1))
    await nextTurn()
    expect(writes).toHaveLength(2)
    writes[1]!.answer()
    await nextTurn()
    expect(writes[2]).toMatchObject({ starts: [{ number: 1 }], ends: [] })
    writes[2]!.answer()
    expect(await second).toMatchObject({ crashes: 0 })
  })

  // It was written with the next start only: until then, another process that began the same took this one for dead.
  test('try again what was given up until it is written', async () => {
    const { notes, writes, failures, clock } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.answer()
    let isWritten = false
    const ended = (await first)!.end(false).then(() => (isWritten = true))
    await nextTurn()
    writes[1]!.fail(new Error('away'))
    await nextTurn()
    expect(failures).toEqual([new Error('away')])
    await clock.advance(1000)
    expect(isWritten).toBe(false)
    expect(writes[2]).toMatchObject({ starts: [], ends: [{ number: 1, isSettled: false }] })
    writes[2]!.answer()
    await ended
    expect(writes).toHaveLength(3)
  })

  // One whose answer was lost counted as begun.
  test('give up what may have been noted although it failed, before it is not begun', async () => {
    const { notes, writes, failures, clock } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.fail(new Error('away'))
    await clock.advance(1000)
    expect(failures).toEqual([new Error('away')])
    expect(writes[1]).toMatchObject({ starts: [], ends: [{ number: 1, isSettled: false }] })
    writes[1]!.answer()
    expect(await first).toBeUndefined()
  })

  test('tell of a start whose partition belongs to another, which does not begin', async () => {
    const { notes, writes, losses } = open()
    const begun = [notes.begin(start(1)), notes.begin(start(2))]
    await nextTurn()
    writes[0]!.answer(['lost', 1])
    expect(await Promise.all(begun)).toEqual([undefined, expect.objectContaining({ crashes: 1 })])
    expect(losses()).toBe(1)
  })

  test('wait no longer for a ledger that is given up', async () => {
    const { notes, writes } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.fail(new Error('away'))
    await nextTurn()
    notes.giveUp()
    expect(await first).toBeUndefined()
  })
})
