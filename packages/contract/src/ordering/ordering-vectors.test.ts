import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeOrder } from './judge-order.ts'
import type { ObservedAttempt, SentEvent } from './ordering-vector.ts'
import { orderingVectors } from './ordering-vectors.ts'

test.each(orderingVectors)('$name: $why', ({ sent, attempts, problems }) => {
  expect(judgeOrder(sent, attempts)).toEqual(problems)
})

describe('judgeOrder', () => {
  // A sender that keeps the promise: of each task it repeats the newest until it is taken, and mixes tasks as it likes.
  const run = fc
    .record({
      counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      steps: fc.infiniteStream(
        fc.record({ task: fc.nat(2), status: fc.constantFrom(200, 204, 500, 503, null) }),
      ),
    })
    .map(({ counts, steps }) => {
      const sent: SentEvent[] = counts.flatMap((count, task) =>
        Array.from({ length: count }, (_none, index) => ({
          delivery: `${task}-${index}`,
          task: String(task),
        })),
      )
      const next = counts.map(() => 0)
      const attempts: ObservedAttempt[] = []
      for (const { task: any, status } of steps) {
        const open = counts.flatMap((count, task) => ((next[task] ?? 0) < count ? [task] : []))
        if (open.length === 0 || attempts.length > 200) break
        const task = open[any % open.length] as number
        const from = attempts.length * 2
        // After some time every event is taken.
        const answered = attempts.length > 50 ? 200 : status
        attempts.push({ delivery: `${task}-${next[task]}`, from, to: from + 1, status: answered })
        if (answered !== null && answered < 300) next[task] = (next[task] ?? 0) + 1
      }
      return { sent, attempts }
    })

  test('finds nothing where the promise is kept', () => {
    fc.assert(
      fc.property(run, ({ sent, attempts }) => {
        expect(judgeOrder(sent, attempts)).toEqual([])
      }),
    )
  })

  test('finds what is swapped, lost or made up', () => {
    fc.assert(
      fc.property(run, ({ sent, attempts }) => {
        const last = attempts.at(-1) as ObservedAttempt
        expect(judgeOrder(sent, attempts.slice(0, -1))).toContainEqual({
          delivery: last.delivery,
          problem: 'lost',
        })
        const madeUp = { ...last, delivery: 'x' }
        expect(judgeOrder(sent, [...attempts, madeUp])).toContainEqual({ delivery: 'x', problem: 'unknown' })
        const first = sent.find(({ delivery }) => delivery.endsWith('-0')) as SentEvent
        const again = { delivery: first.delivery, from: 1000, to: 1001, status: 200 }
        const isRepeatOfNewest = sent.filter(({ task }) => task === first.task).length === 1
        expect(judgeOrder(sent, [...attempts, again]).length > 0).toBe(!isRepeatOfNewest)
      }),
    )
  })
})
