import type { DispatchLedger } from '../ledger.ts'
import { describePlace } from './place.ts'

/** Under which id a dispatcher is registered, and for which endpoints, see {@link createRegistration}. */
export interface Registration {
  /**
   * The id under which it has joined, or is about to. Another one each time that it was buried: who watches would take the first beats under
   * the former id for those that stood still.
   */
  readonly memberId: string
  /** Tells the others which endpoints it delivers to from now on. */
  register(): Promise<void>
  /** Joins under another id. */
  joinAnew(): Promise<void>
  /** Sees to what has failed. Waits for that only when this dispatcher is not there at all for the others. */
  ensure(): Promise<void>
  /** Resolves when nothing of this is under way. */
  settled(): Promise<void>
}

/** Options of {@link createRegistration}. */
export interface RegistrationOptions {
  dispatcherId: string
  ledger: Pick<DispatchLedger, 'join'>
  endpointIds: () => readonly string[]
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

/** Registers a dispatcher, one change at a time: a later one must not be overtaken by an earlier one. */
export function createRegistration({
  dispatcherId,
  ledger,
  endpointIds,
  onFailure,
}: RegistrationOptions): Registration {
  const place = describePlace()
  let memberId = dispatcherId
  let term = 0
  let joinedAs: string | undefined
  let isUpToDate = false
  let underWayCount = 0
  let last: Promise<void> = Promise.resolve()

  function register(): Promise<void> {
    isUpToDate = false
    underWayCount += 1
    const next = last.then(joinOnce)
    last = next.catch(() => {}).finally(() => (underWayCount -= 1))
    return next
  }

  async function joinOnce(): Promise<void> {
    const id = memberId
    await ledger.join({ id, place, endpointIds: endpointIds() })
    joinedAs = id
    isUpToDate = true
  }

  return {
    get memberId() {
      return memberId
    },
    register,
    joinAnew() {
      term += 1
      memberId = `${dispatcherId}/${term}`
      return register()
    },
    async ensure() {
      if (joinedAs !== memberId) return register()
      // A beat must not wait for it: others would take this dispatcher for dead.
      if (!isUpToDate && underWayCount === 0) register().catch(onFailure)
    },
    settled: () => last,
  }
}
