import { describe } from 'vitest'
import { describeAccepting } from './ledger-contract/accepting.ts'
import { describeCanceling } from './ledger-contract/canceling.ts'
import { describeClaiming } from './ledger-contract/claiming.ts'
import { describeEndpoints } from './ledger-contract/endpoints.ts'
import { describeLeases } from './ledger-contract/leases.ts'
import type { CreateStore } from './ledger-contract/ledger-store.ts'
import { describeListing } from './ledger-contract/listing.ts'
import { describeOpening } from './ledger-contract/opening.ts'
import { describePurging } from './ledger-contract/purging.ts'
import { describeResending } from './ledger-contract/resending.ts'
import { describeSettling } from './ledger-contract/settling.ts'

/** The promises of the `Ledger` port, as tests of one implementation, named as in “on SQLite”. Time and ids come from here, as the port has it. */
export function describeLedger<T>(name: string, createStore: CreateStore<T>): void {
  describe(`the ledger ${name}`, () => {
    describeAccepting(createStore)
    describeClaiming(createStore)
    describeSettling(createStore)
    describeLeases(createStore)
    describeCanceling(createStore)
    describeResending(createStore)
    describeEndpoints(createStore)
    describeListing(createStore)
    describePurging(createStore)
    describeOpening(createStore)
  })
}
