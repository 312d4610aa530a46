import { equal } from 'node:assert/strict'
import {
  claimOf,
  createCase,
  expectState,
  type DedupeContractCase,
  type DedupeContractOptions,
  type DedupeTrial,
} from './dedupe-contract.ts'
import { dedupeTransactionCases } from './dedupe-transaction-cases.ts'

/**
 * What every `DedupeStore` promises, as a list of tests for any runner: one claim at a time however many ask at once,
 * claims that end unless they are renewed, late calls that change nothing, what is done remembered for `keepInMs`, ids of
 * any length and alphabet told apart, and, where the store takes transactions, "done" that comes true with them.
 *
 * @example
 * for (const { name, run } of dedupeStoreContract({ openStore: (times) => myStore(times), isShared: true })) {
 *   test(name, run) // of node:test, vitest, Jest …
 * }
 */
export function dedupeStoreContract(options: DedupeContractOptions): DedupeContractCase[] {
  const cases = options.begin === undefined ? ownCases : [...ownCases, ...dedupeTransactionCases]
  return cases.map(([name, body]) => createCase(options, name, body))
}

const late = ['commit', 'abort', 'renew'] as const

const ownCases: readonly (readonly [name: string, body: (trial: DedupeTrial) => Promise<void>])[] = [
  [
    'says how long it holds a claim and how long it remembers',
    async ({ store, claimInMs, keepInMs }) => {
      equal(store.claimInMs, claimInMs)
      equal(store.keepInMs, keepInMs)
    },
  ],
  [
    'gives the claim of an id once, then it is in progress, then done',
    async ({ store, other, id }) => {
      const claim = await claimOf(store, id)
      await expectState(store, id, 'in-progress')
      await expectState(other, id, 'in-progress')
      await claim.commit()
      await expectState(store, id, 'done')
      await expectState(other, id, 'done')
    },
  ],
  [
    'gives the claim to one of many that ask at once',
    async ({ store, other, id }) => {
      await oneOfMany([store, other], id)
    },
  ],
  [
    'gives a claim that has ended to one of many that ask at once',
    async ({ store, other, id, pass, claimInMs }) => {
      await claimOf(store, id)
      await pass(1.1 * claimInMs)
      await oneOfMany([store, other], id)
    },
  ],
  [
    'can be claimed again after an abort',
    async ({ store, other, id }) => {
      await (await claimOf(store, id)).abort()
      const again = await claimOf(other, id)
      await again.commit()
      await expectState(store, id, 'done')
    },
  ],
  [
    'holds a claim for its time and no longer',
    async ({ store, other, id, pass, claimInMs }) => {
      await claimOf(store, id)
      await pass(0.5 * claimInMs)
      await expectState(other, id, 'in-progress')
      await pass(0.6 * claimInMs)
      await expectState(other, id, 'free')
    },
  ],
  [
    'holds a claim for another such time from each renewal',
    async ({ store, other, id, pass, claimInMs }) => {
      const claim = await claimOf(store, id)
      for (const _ of [1, 2]) {
        await pass(0.6 * claimInMs)
        equal(await claim.renew(), true)
      }
      await pass(0.5 * claimInMs)
      await expectState(other, id, 'in-progress')
      await pass(0.6 * claimInMs)
      await expectState(other, id, 'free')
    },
  ],
  [
    'lets a late commit count as long as no other has the claim',
    async ({ store, other, id, pass, claimInMs }) => {
      const slow = await claimOf(store, id)
      await pass(1.1 * claimInMs)
      await slow.commit()
      await expectState(other, id, 'done')
    },
  ],
  ...late.map(
    (method) =>
      [
        `lets a late ${method} change nothing while another has the claim`,
        async ({ store, other, id, pass, claimInMs }: DedupeTrial) => {
          const slow = await claimOf(store, id)
          await pass(1.1 * claimInMs)
          const owner = await claimOf(other, id)
          equal(await slow[method](), method === 'renew' ? false : undefined)
          await expectState(store, id, 'in-progress')
          equal(await owner.renew(), true)
          await owner.abort()
          await expectState(store, id, 'free')
        },
      ] as const,
  ),
  ...late.map(
    (method) =>
      [
        `lets a late ${method} change nothing once it is done`,
        async ({ store, other, id, pass, claimInMs }: DedupeTrial) => {
          const slow = await claimOf(store, id)
          await pass(1.1 * claimInMs)
          const owner = await claimOf(other, id)
          await owner.commit()
          for (const claim of [slow, owner]) {
            equal(await claim[method](), method === 'renew' ? false : undefined)
            await expectState(store, id, 'done')
          }
        },
      ] as const,
  ),
  [
    'remembers what is done for its time, and takes it as new after that',
    async ({ store, other, id, pass, keepInMs }) => {
      await (await claimOf(store, id)).commit()
      await pass(0.7 * keepInMs)
      await expectState(other, id, 'done')
      await pass(0.4 * keepInMs)
      const again = await claimOf(other, id)
      await again.commit()
      await expectState(store, id, 'done')
    },
  ],
  [
    'tells ids apart, however odd or long',
    async ({ store, other, id }) => {
      const claims = []
      for (const odd of oddIds) claims.push(await claimOf(store, id + odd))
      for (const claim of claims) await claim.commit()
      for (const odd of oddIds) await expectState(other, id + odd, 'done')
      await expectState(other, id, 'free')
    },
  ],
  [
    'keeps what tenants send under the same id apart',
    async ({ store, other, id }) => {
      // As the verifier names them: an id begins with its tenant.
      const [north, south] = [`north.${id}`, `south.${id}`]
      const first = await claimOf(store, north, { tenant: 'north' })
      const second = await claimOf(other, south, { tenant: 'south' })
      await first.commit()
      equal(await other.begin(north, { tenant: 'north' }), 'done')
      equal(await store.begin(south, { tenant: 'south' }), 'in-progress')
      await second.abort()
      equal(await store.begin(north, { tenant: 'north' }), 'done')
      await claimOf(store, south, { tenant: 'south' })
    },
  ],
]

async function oneOfMany(stores: readonly DedupeTrial['store'][], id: string): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => stores.map((store) => store.begin(id))).flat(),
  )
  equal(answers.filter((answer) => typeof answer !== 'string').length, 1)
  equal(answers.filter((answer) => answer === 'in-progress').length, answers.length - 1)
}

// What a database may refuse, fold into one, or take for something else.
const oddIds = [
  'a',
  'A',
  'a ',
  ' a',
  'done',
  'é',
  'e\u0301',
  '\0',
  '\0\0',
  'a\nb',
  '\ud800',
  '\ud801',
  '\ufffd',
  '😀',
  '%',
  '_',
  '*',
  "'; --",
  '"',
  '{tag}',
  `${'x'.repeat(8000)}1`,
  `${'x'.repeat(8000)}2`,
]
