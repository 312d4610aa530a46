import * as fc from 'fast-check'

/** A delivery that a step enqueues. */
export interface StepDelivery {
  endpoint: number
  key: number
  idempotency?: number
  wait: number
}

/** One thing that happens to a ledger. What it happens to is said by index, counted from the latest one. */
export type Step =
  | { do: 'enqueue'; deliveries: StepDelivery[] }
  | { do: 'begin'; deliveries: StepDelivery[] }
  | { do: 'end'; commits: boolean }
  | { do: 'join' | 'beat' | 'leave' | 'readNew'; dispatcher: number }
  | { do: 'bury'; dispatcher: number; isStale: boolean }
  | { do: 'acquire' | 'release'; dispatcher: number; endpoint: number; half: number }
  | { do: 'readBacklog' | 'readDue'; dispatcher: number; endpoint: number; limit: number }
  | {
      do: 'settle'
      dispatcher: number
      deliveries: number[]
      state: SettledState
      wait: number
      isGone: boolean
    }
  | { do: 'settleWithin'; dispatcher: number; delivery: number; commits: boolean }
  | { do: 'noteStart'; dispatcher: number; delivery: number; isAlone: boolean }
  | { do: 'noteEnd'; dispatcher: number; delivery: number; isSettled: boolean }
  | { do: 'readLine'; endpoint: number; key: number }
  | { do: 'readPending'; dispatcher: number }
  | { do: 'pause' | 'resume' | 'closeCircuit'; endpoint: number }
  | { do: 'openCircuit'; endpoint: number; forInMs: number }
  | { do: 'readEndpoints'; mark: number }
  | { do: 'resend' | 'cancel'; delivery: number }
  | { do: 'pass' | 'setBack'; timeInMs: number }
  | { do: 'purge'; ageInMs: number; limit: number }

type SettledState = 'pending' | 'delivered' | 'exhausted' | 'held'

const endpoint = fc.nat(1)
const dispatcher = fc.nat(2)
const wait = fc.constantFrom(0, 0, 30, 200)

const deliveries = fc.array(
  fc.record(
    { endpoint, key: fc.nat(3), wait, idempotency: fc.nat(4) },
    { requiredKeys: ['endpoint', 'key', 'wait'] },
  ),
  { minLength: 1, maxLength: 4 },
)

function oneOf<const T extends string>(...names: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...names)
}

// Weighted towards what makes deliveries move, so that most sequences get somewhere.
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: oneOf('enqueue'), deliveries }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('begin'), deliveries }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('end'), commits: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf('join', 'beat'), dispatcher }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('leave'), dispatcher }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('bury'), dispatcher, isStale: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: oneOf('acquire'), dispatcher, endpoint, half: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('release'), dispatcher, endpoint, half: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('readNew'), dispatcher }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: oneOf('readBacklog', 'readDue'),
      dispatcher,
      endpoint,
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: oneOf('settle'),
      dispatcher,
      deliveries: fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }),
      state: oneOf('pending', 'delivered', 'delivered', 'exhausted', 'held'),
      wait,
      isGone: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: oneOf('settleWithin'),
      dispatcher,
      delivery: fc.nat(4),
      // Most of them, so that what is rolled back is delivered later.
      commits: fc.integer({ min: 0, max: 3 }).map((chance) => chance > 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: oneOf('noteStart'),
      dispatcher,
      delivery: fc.nat(2),
      isAlone: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: oneOf('noteEnd'),
      dispatcher,
      delivery: fc.nat(2),
      isSettled: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: oneOf('readLine'), endpoint, key: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('readPending'), dispatcher }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('pause', 'resume', 'closeCircuit'), endpoint }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('openCircuit'), endpoint, forInMs: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('readEndpoints'), mark: fc.nat(10) }) },
  { weight: 4, arbitrary: fc.record({ do: oneOf('resend', 'cancel'), delivery: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: oneOf('pass'), timeInMs: fc.constantFrom(1, 30, 100, 200) }) },
  { weight: 1, arbitrary: fc.record({ do: oneOf('setBack'), timeInMs: fc.constantFrom(50, 500) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: oneOf('purge'),
      ageInMs: fc.constantFrom(0, 50),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
)

/** What may happen to a ledger, in any order. */
export const steps: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 50, size: 'max' })
