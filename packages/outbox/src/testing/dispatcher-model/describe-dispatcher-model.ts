import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDispatcherModel, type DispatcherStep } from './dispatcher-model.ts'
import type { ModelEndpoint } from './model-process.ts'
import type { CreateModelStore } from './model-store.ts'

const seed = process.env['DISPATCHER_SEED']
const which = fc.nat(50)
const delay = fc.constantFrom(0, 0, 1, 200, 3000)
const step: fc.Arbitrary<DispatcherStep> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ do: 'start' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'stop' as const,
        'kill' as const,
        'crash' as const,
        'stall' as const,
        'stall' as const,
        'fail' as const,
      ),
      which,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('wake' as const, 'mend' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('slow' as const), which, beforeInMs: delay, afterInMs: delay }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      keys: fc.array(fc.nat(7), { minLength: 1, maxLength: 30 }),
      delayInMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constant(700)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel' as const, 'resend' as const),
      which,
      by: fc.constantFrom('process' as const, 'other' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set clock' as const),
      aheadInMs: fc.constantFrom(0, -3_600_000, 3_600_000),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      durationInMs: fc.constantFrom(1, 50, 1000, 6000, 20_000),
    }),
  },
)

const endpoint = fc.record({
  whenExhausted: fc.constantFrom('continue' as const, 'hold' as const),
  transaction: fc.boolean(),
  crashLimit: fc.constantFrom(undefined, undefined, 1, 2),
  retryScheduleInMs: fc.constantFrom([0, 1000, 5000, 10_000], [0, 1000]),
})

/** Without what is not said. */
function toEndpoint({
  crashLimit,
  ...rest
}: Omit<ModelEndpoint, 'crashLimit'> & { crashLimit: number | undefined }) {
  return { ...rest, ...(crashLimit !== undefined && { crashLimit }) }
}

/** Has dispatchers do all that they may do, in any order. `DISPATCHER_RUNS` and `DISPATCHER_SEED` say how often, and which. */
export function describeDispatcherModel<T>(createStore: CreateModelStore<T>, runCount: number): void {
  test('dispatchers that join, stall, fail, leave and die attempt in order, one at a time, and forget nothing', async () => {
    await fc.assert(
      fc.asyncProperty(endpoint, fc.array(step, { maxLength: 40, size: 'max' }), async (given, steps) => {
        const model = await createDispatcherModel(toEndpoint(given), createStore)
        try {
          await model.run({ do: 'start' })
          for (const one of steps) await model.run(one)
          await model.heal()
        } finally {
          await model.close()
        }
      }),
      {
        numRuns: Number(process.env['DISPATCHER_RUNS'] ?? runCount),
        // Against what never comes to its end, which is a failure too.
        timeout: 60_000,
        ...(seed !== undefined && { seed: Number(seed) }),
      },
    )
    expect.hasAssertions()
  }, 600_000)
}
