import { describe } from 'vitest'
import { describeAcceptingWithin } from './accepting-within.ts'
import { describeAccepting } from './accepting.ts'
import { describeAttemptingWithin } from './attempting-within.ts'
import { describeCanceling } from './canceling.ts'
import { describeEndpoints } from './endpoints.ts'
import { describeHolding } from './holding.ts'
import { describeJoining } from './joining.ts'
import type { CreateStore } from './ledger-store.ts'
import { describeListing } from './listing.ts'
import { describeNotingStarts } from './noting-starts.ts'
import { describeOpening } from './opening.ts'
import { describeOwning } from './owning.ts'
import { describePurging } from './purging.ts'
import { describeReadingBacklog } from './reading-backlog.ts'
import { describeReadingDue } from './reading-due.ts'
import { describeReadingNew } from './reading-new.ts'
import { describeRefusing } from './refusing.ts'
import { describeResending } from './resending.ts'
import { describeSettling } from './settling.ts'
import { describeVersions } from './versions.ts'

/** The promises of the `Ledger` port, as tests of one implementation, named as in “on SQLite”. */
export function describeLedger<T>(name: string, createStore: CreateStore<T>): void {
  describe(`the ledger ${name}`, () => {
    describeAccepting(createStore)
    describeAcceptingWithin(createStore)
    describeRefusing(createStore)
    describeJoining(createStore)
    describeOwning(createStore)
    describeReadingNew(createStore)
    describeReadingBacklog(createStore)
    describeReadingDue(createStore)
    describeSettling(createStore)
    describeAttemptingWithin(createStore)
    describeNotingStarts(createStore)
    describeHolding(createStore)
    describeCanceling(createStore)
    describeResending(createStore)
    describeEndpoints(createStore)
    describeListing(createStore)
    describePurging(createStore)
    describeVersions(createStore)
    describeOpening(createStore)
  })
}
