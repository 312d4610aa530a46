import * as fc from 'fast-check'

/** One thing that happens to a ledger. What it happens to is said by index, counted from the latest one. */
export type Step =
  | { do: 'enqueue'; deliveries: { endpoint: number; key: number; idempotency?: number; wait: number }[] }
  | { do: 'claim'; endpoint: number; owner: number; limit: number }
  | { do: 'settle'; lease: number; state: 'pending' | 'delivered' | 'exhausted'; wait: number }
  | { do: 'renew' | 'release'; leases: number[] }
  | { do: 'crash'; owner: number }
  | { do: 'pass'; timeInMs: number }
  | { do: 'pause' | 'resume'; endpoint: number }
  | { do: 'resend' | 'cancel'; delivery: number }
  | { do: 'purge'; ageInMs: number; limit: number }

/** How long a lease lasts in the model. */
export const modelLeaseInMs = 100

const endpoint = fc.nat(1)
const owner = fc.nat(1)
const wait = fc.constantFrom(0, 0, 30, 200)
const lease = fc.nat(5)

// Weighted towards what makes deliveries move, so that most sequences get somewhere.
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      deliveries: fc.array(
        fc.record(
          { endpoint, key: fc.nat(2), wait, idempotency: fc.nat(4) },
          { requiredKeys: ['endpoint', 'key', 'wait'] },
        ),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      endpoint,
      owner,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      lease,
      state: fc.constantFrom('pending' as const, 'delivered' as const, 'exhausted' as const),
      wait,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('renew' as const, 'release' as const),
      leases: fc.array(lease, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), owner }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), timeInMs: fc.constantFrom(1, 30, 100, 200) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), endpoint }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('resend' as const, 'cancel' as const),
      delivery: fc.nat(7),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('purge' as const),
      ageInMs: fc.constantFrom(0, 50),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
)

/** What may happen to a ledger, in any order. */
export const steps: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 40, size: 'max' })
