import type { Clock } from '../clock.ts'
import type { DispatchLedger, Membership as Beaten } from '../ledger.ts'
import type { OwnedPartitions } from './owned-partitions.ts'

/** A dispatcher's place among others, see `createMembership`. */
export interface Membership {
  /** See `Registration`. */
  readonly memberId: string
  /** Joins, and takes its share of what is free. */
  start(): Promise<void>
  /** Looks who is there, and gives and takes partitions until each has its share. */
  share(): Promise<void>
  /** Tells the others which endpoints this dispatcher delivers to from now on. */
  changeEndpoints(): Promise<void>
  /**
   * Takes no more partitions, and gives each one back when nothing of it is under way. Attempts under way continue.
   */
  withdraw(): Promise<void>
  /** Gives everything up. */
  leave(): Promise<void>
  /** Says no more that it lives, so that others get what it has when its lease has ended, and not before. */
  fallSilent(): void
  /** Whether attempts may begin: whether a beat was written within the time of a lease. */
  mayBegin: () => boolean
  /** What this dispatcher believes to own may not be its own: nothing begins before it has asked. */
  doubt: () => void
}

/** Options of `createMembership`. */
export interface MembershipOptions {
  dispatcherId: string
  ledger: DispatchLedger
  clock: Clock
  leaseInMs: number
  partitions: OwnedPartitions
  endpointIds: () => readonly string[]
  /** Told of each beat's answer. */
  onBeat: (beaten: Beaten) => void
  /** Goes by what was decided while this dispatcher was silent. */
  catchUp: () => Promise<void>
  /** Told that attempts may begin again. */
  onCaughtUp: () => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}
