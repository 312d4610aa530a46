import { describe, expect, test } from 'vitest'
import type { AttemptEnd, AttemptStart } from '../ledger.ts'
import { nextTurn } from './next-turn.ts'
import { createStartNotes } from './start-notes.ts'

interface Write {
  starts: readonly AttemptStart[]
  ends: readonly AttemptEnd[]
  answer: () => void
  fail: (error: unknown) => void
}

/** Notes for a ledger that answers when the test says so. */
function open() {
  const writes: Write[] = []
  const failures: unknown[] = []
  const notes = createStartNotes({
    ledger: {
      noteStarts(_dispatcherId, starts, ends) {
        const { promise, resolve, reject } = Promise.withResolvers<number[]>()
        writes.push({ starts, ends, answer: () => resolve(starts.map(() => 0)), fail: reject })
        return promise
      },
    },
    memberId: () => 'me',
    onFailure: (error) => failures.push(error),
  })
  return { notes, writes, failures }
}

const start = (number: number): AttemptStart => ({ number, tries: 0, isAlone: false })

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
    ;(await first).end(false)
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

  test('bring an end along whose write has failed, before what begins next', async () => {
    const { notes, writes, failures } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.answer()
    ;(await first).end(false)
    await nextTurn()
    const second = notes.begin(start(1))
    writes[1]!.fail(new Error('away'))
    await nextTurn()
    expect(failures).toEqual([new Error('away')])
    expect(writes[2]).toMatchObject({ starts: [{ number: 1 }], ends: [{ number: 1, isSettled: false }] })
    writes[2]!.answer()
    expect(await second).toMatchObject({ crashes: 0 })
  })

  test('fail for what was to begin when their write does', async () => {
    const { notes, writes, failures } = open()
    const first = notes.begin(start(1))
    await nextTurn()
    writes[0]!.fail(new Error('away'))
    await expect(first).rejects.toThrow('away')
    expect(failures).toEqual([])
  })
})
