import type { ReadDelivery } from '../ledger.ts'
import type { ReadMark } from './read-marks.ts'

/** A delivery that waits in memory. */
export interface WaitingDelivery {
  readonly delivery: ReadDelivery
  /** When it may be attempted at the earliest. Of a monotonic clock, in milliseconds. */
  readonly readyAt: number
  /** When it is due in the ledger at the earliest: by how much of the wait was left when the read began, not when it was answered. */
  readonly dueAt: number
}

/** How a line came into memory. What is new and what was retried get their own share of the room and of the attempts. */
export type LineKind = 'fresh' | 'due'

/** The pending deliveries of one ordering key, as far as they are in memory: first one first. */
export interface Line {
  readonly orderingKey: string
  readonly partition: number
  readonly kind: LineKind
  /** The first one is the head of the ordering key; while the line is busy, it is the one that is attempted. */
  queue: WaitingDelivery[]
  /** The highest number that was put into the queue. */
  lastNumber: number
  /** The read that has found that one. */
  lastReadBy: ReadMark | undefined
  /** Whether the ledger may have more of it after `lastNumber`. */
  hasMore: boolean
  /** Whether the ledger may have something of it before `lastNumber` that is not in the queue. */
  isStale: boolean
  /** Whether it was taken for an attempt, which waits for its turn, is under way, or has its outcome written. */
  isBusy: boolean
  /** Whether that attempt has begun. Until then it must not, once its delivery was canceled. */
  hasBegun: boolean
  /** Whether it was taken out of memory, and goes on nowhere. */
  isDropped: boolean
}
