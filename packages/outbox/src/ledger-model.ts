import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CreateStore } from './ledger-contract/ledger-store.ts'
import { runSteps } from './ledger-model/run-steps.ts'
import { steps, type Step } from './ledger-model/step.ts'

/** Sequences that failed once, in whatever ledger, and are run first in all. */
const examples: [Step[]][] = []

/** Compares a ledger with the reference through anything that may happen, in any order. */
export function describeLedgerModel<T>(name: string, createStore: CreateStore<T>, runCount = 300): void {
  describe(`the ledger ${name}`, () => {
    test('does as the reference does: nothing is lost, each key in order and one at a time', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const ledger = await (await createStore()).open()
          try {
            expect(await runSteps(ledger, sequence)).toEqual([])
          } finally {
            await ledger.close()
          }
        }),
        { numRuns: runCount, examples },
      )
    })
  })
}
