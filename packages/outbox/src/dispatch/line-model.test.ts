import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineModel, type LineStep } from '../testing/line-model/line-model.ts'

const which = fc.nat(20)
const step: fc.Arbitrary<LineStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      // A few hot ones, and more than there is room for.
      key: fc.oneof(fc.nat(1), fc.nat(20)),
      delayInMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 300 })),
      commitsLate: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('read new' as const, 'attempt' as const), which }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which,
      fails: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('attempt' as const, 'attempt' as const, 'take' as const, 'begin' as const),
      which,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which,
      how: fc.constantFrom(
        'delivered' as const,
        'delivered' as const,
        'exhausted' as const,
        'retry' as const,
        'held' as const,
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('finish' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('commit' as const, 'cancel' as const, 'cancel here' as const, 'resend' as const),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('obey' as const, 'release' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), inMs: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose partition' as const), partition: fc.nat(1) }) },
)

test('lines go on in order and one at a time, and none is forgotten, however late reads are answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 150, size: 'max' }), async (steps) => {
      const model = createLineModel()
      for (const one of steps) await model.run(one)
      await model.drain()
    }),
    { numRuns: Number(process.env['LINE_RUNS'] ?? 300) },
  )
  expect.hasAssertions()
})
