import { describe, expect, test } from 'vitest'
import { createTestClock } from '../testing/test-clock.ts'
import { createCompany } from './company.ts'

const never = new AbortController().signal

/** What has begun, in its order, and how each ends. */
function open() {
  const company = createCompany()
  const clock = createTestClock()
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const note = (name: string) => (end: () => void) => {
    begun.push(name)
    ends.set(name, end)
  }
  return {
    clock,
    begun,
    end: async (name: string) => {
      ends.get(name)!()
      await clock.quiet()
    },
    join: async (name: string, signal = never) => {
      void company.join(signal).then(note(name), () => begun.push(`${name} aborted`))
      await clock.quiet()
    },
    joinAlone: async (name: string, signal = never) => {
      void company.joinAlone(signal, clock).then(note(name), () => begun.push(`${name} aborted`))
      await clock.quiet()
    },
  }
}

describe('company', () => {
  test('lets one be alone when those before it have ended, and others begin after it', async () => {
    const { begun, end, join, joinAlone } = open()
    await join('a')
    await join('b')
    await joinAlone('suspect')
    await join('c')
    await end('a')
    expect(begun).toEqual(['a', 'b'])
    await end('b')
    expect(begun).toEqual(['a', 'b', 'suspect'])
    await end('suspect')
    expect(begun).toEqual(['a', 'b', 'suspect', 'c'])
  })

  // Two were woken by the end of a third, and both took the place.
  test('lets several that wait for that be alone one after the other', async () => {
    const { begun, end, joinAlone } = open()
    for (const name of ['a', 'b', 'c']) await joinAlone(name)
    expect(begun).toEqual(['a'])
    await end('a')
    expect(begun).toHaveLength(2)
    await end(begun[1]!)
    expect(begun.toSorted()).toEqual(['a', 'b', 'c'])
  })

  test('does not wait without a limit for an attempt that does not end', async () => {
    const { begun, clock, join, joinAlone } = open()
    await join('hung')
    await joinAlone('suspect')
    await clock.advance(29_999)
    expect(begun).toEqual(['hung'])
    await clock.advance(1)
    expect(begun).toEqual(['hung', 'suspect'])
  })

  // The second end of the first one let others begin beside the second one.
  test('ends once, however often it is told to', async () => {
    const { begun, end, join, joinAlone } = open()
    await joinAlone('a')
    await joinAlone('b')
    await end('a')
    await end('a')
    await join('c')
    expect(begun).toEqual(['a', 'b'])
  })

  test('lets the others go on when the one that waits is aborted', async () => {
    const { begun, end, join, joinAlone } = open()
    const controller = new AbortController()
    await join('a')
    await joinAlone('suspect', controller.signal)
    await join('b')
    await join('c', controller.signal)
    controller.abort(new Error('stopped'))
    await end('a')
    expect(begun.toSorted()).toEqual(['a', 'b', 'c aborted', 'suspect aborted'])
  })
})
