import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openStore, type CreateStore } from '../ledger-contract/ledger-store.ts'
import { runSteps } from './run-steps.ts'
import { steps, type Step } from './step.ts'

/** Sequences that failed once, in one ledger or the other, and are run first in all. */
const examples: [Step[]][] = []

/** Compares a ledger with the reference through anything that may happen, in any order. */
export function describeLedgerModel<T>(name: string, createStore: CreateStore<T>, runCount = 300): void {
  describe(`the ledger ${name}`, () => {
    test('does as the reference does: nothing is lost, each key in order and one at a time', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const opened = await openStore(createStore)
          try {
            expect(await runSteps(opened, sequence)).toEqual([])
          } finally {
            await opened.ledger.close()
          }
        }),
        { numRuns: runCount, examples },
      )
    })
  })
}
