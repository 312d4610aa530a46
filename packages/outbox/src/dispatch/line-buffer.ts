import type { ReadDelivery } from '../ledger.ts'
import type { Line, LineKind } from './line.ts'
import type { ReadMark, ReadMarks } from './read-marks.ts'

/** The lines of one endpoint that are in memory, see `createLineBuffer`. */
export interface LineBuffer {
  /**
   * Offers a delivery that a read has found.
   *
   * - `taken`: it is in memory now, or its line knows that there is more of it;
   * - `passed`: it is in memory already, or something before it is and brings it up, or waits for its time in the ledger;
   * - `full`: there is no room; it must be read again.
   */
  offer(delivery: ReadDelivery, from: Source, mark: ReadMark): 'taken' | 'passed' | 'full'
  /**
   * The next line whose head may be attempted; it is busy until {@link finish}. As a probe, one that was not attempted before, if
   * there is one.
   */
  take(isProbe?: boolean): Line | undefined
  /**
   * Begins the attempt of a line that was taken. False: it must not begin, because its delivery was canceled or is
   * about to be, or its partition belongs to another dispatcher now. Then it has ended with `again`.
   */
  begin(line: Line): boolean
  /**
   * Ends a line's attempt, see {@link Finish}.
   */
  finish(line: Line, how: Finish): void
  /** Lines that go on only when the ledger has been asked what else they have. Each is given once. */
  takeLoads(limit: number): Line[]
  /** The answer for one of {@link takeLoads}. */
  endLoad(line: Line, load: Load): void
  /** Forgets a partition. Attempts that are under way go on, their lines do not. */
  dropPartition(partition: number): void
  /**
   * Keeps a delivery from being attempted until the returned function is called, whether it is in memory or comes there
   * meanwhile. Then its line is read again. It is for changes of waiting deliveries.
   */
  hold(id: string): () => void
  /** The numbers of all that wait, and whose attempt has not begun. */
  waitingNumbers(): number[]
  /** What reads that are under way will say is not believed: something was decided about deliveries that they may not have seen. */
  doubt(): void
  /** What the ledger says of {@link waitingNumbers}, as it was read: those that are not there any more are forgotten. */
  recheck(asked: readonly number[], pending: readonly ReadDelivery[], mark: ReadMark): void
  /** Whether the attempt of a delivery is under way, or its outcome is being written. */
  isBusyWith(id: string): boolean
  room(kind: LineKind): number
  /** How many lines are in memory. */
  readonly lineCount: number
  readonly readyCount: number
  readonly busyCount: number
  readonly loadCount: number
}

/** What a line was answered: its deliveries, `isAll` when there are no more; none: ask again. */
interface Load {
  deliveries: readonly ReadDelivery[] | undefined
  isAll: boolean
  mark: ReadMark
}

/**
 * Where a delivery was read: as new, in the order of numbers; as new too, but ahead of a backlog that is still to be read; late, behind
 * others that were read before; in the backlog, in the order of numbers; or as due.
 */
export type Source = 'new' | 'ahead' | 'late' | 'backlog' | 'due'

/**
 * How a line's attempt has ended. `next`: its delivery is done. `wait`: it waits for its time in the ledger. `reread`:
 * its result is not known. `lost`: the same, and this attempt's outcome was not written. `again`: nothing happened.
 */
export type Finish = 'next' | 'wait' | 'reread' | 'lost' | 'again'

/** Options of `createLineBuffer`. */
export interface LineBufferOptions {
  /** Of all reads whose answers are offered. */
  marks: ReadMarks
  /** How many lines of each kind there may be, as it is configured now. */
  capacity: () => number
  /** Milliseconds of a monotonic clock. */
  now: () => number
  /** Told that a delivery waits for a time, in the ledger alone: until then, or a little longer. */
  onWait: (readyAt: number) => void
}
