import { rejects } from 'node:assert/strict'
import { claimOf, expectState, type DedupeTrial } from './dedupe-contract.ts'

/** What a store promises that takes transactions of the application. */
export const dedupeTransactionCases: readonly (readonly [
  name: string,
  body: (trial: DedupeTrial) => Promise<void>,
])[] = [
  [
    "is done once the application's transaction is committed",
    async ({ store, other, id, begin }) => {
      const claim = await claimOf(store, id)
      const { transaction, commit } = await begin()
      await claim.commit({ transaction })
      await commit()
      await expectState(other, id, 'done')
      await claim.abort()
      await expectState(other, id, 'done')
    },
  ],
  [
    'is held as before when the transaction is rolled back, until an abort',
    async ({ store, other, id, begin }) => {
      const claim = await claimOf(store, id)
      const { transaction, rollBack } = await begin()
      await claim.commit({ transaction })
      await rollBack()
      await expectState(other, id, 'in-progress')
      await claim.abort()
      await expectState(other, id, 'free')
    },
  ],
  [
    'can be committed in a second transaction after the first was rolled back',
    async ({ store, other, id, begin }) => {
      const claim = await claimOf(store, id)
      const first = await begin()
      await claim.commit({ transaction: first.transaction })
      await first.rollBack()
      const second = await begin()
      await claim.commit({ transaction: second.transaction })
      await second.commit()
      await expectState(other, id, 'done')
    },
  ],
  [
    'refuses a late commit in a transaction, so that it is rolled back',
    async ({ store, other, id, begin, pass, claimInMs }) => {
      const slow = await claimOf(store, id)
      await pass(1.1 * claimInMs)
      const owner = await claimOf(other, id)
      const first = await begin()
      await rejects(slow.commit({ transaction: first.transaction }))
      await first.rollBack()
      await expectState(store, id, 'in-progress')
      await owner.commit()
      const second = await begin()
      await rejects(slow.commit({ transaction: second.transaction }))
      await second.rollBack()
      await expectState(store, id, 'done')
    },
  ],
]
