import type { OwnedPartition } from './dispatch-ledger.ts'

/** An attempt that begins, of a partition that its dispatcher owns. */
export interface AttemptStart extends OwnedPartition {
  /** The delivery's number. */
  number: number
  /** As it was read. */
  tries: number
  /** Whether no other attempt is under way in its process. */
  isAlone: boolean
}

/** An attempt that has ended. */
export interface AttemptEnd {
  /** The delivery's number. */
  number: number
  /** Whether its outcome is written; if not, it was given up, and counts as not begun. */
  isSettled: boolean
  /** Under which id it was noted that it begins. A start that another has noted since stays. */
  dispatcherId: string
}
