import { setMaxListeners } from 'node:events'
import type { OwnedPartition as Ownership } from '../ledger.ts'

/** A partition that this dispatcher owns, or has lost while attempts of it were under way. */
export interface OwnedPartition extends Ownership {
  /** Aborts the attempts of it that are under way. One for all: a controller for each attempt costs more than the attempt's bookkeeping. */
  readonly controller: AbortController
  /** Attempts under way, and those whose outcome is being written. */
  busyCount: number
  /** Whether it belongs to another dispatcher now. */
  isLost: boolean
  /** Called each time that an attempt has ended and none is left. */
  onQuiet: (() => void) | undefined
  /** Calls off the end of the attempts of one that is being handed over. */
  cancelAbort: (() => void) | undefined
}

/** The partition, with nothing under way. */
export function toOwnedPartition(given: Ownership): OwnedPartition {
  const controller = new AbortController()
  // As many as there are attempts at once.
  setMaxListeners(0, controller.signal)
  return { ...given, controller, busyCount: 0, isLost: false, onQuiet: undefined, cancelAbort: undefined }
}
