/**
 * Orders reads and settlements of one dispatcher. A read may be answered after a settlement that it has not seen: then
 * its rows of that ordering key are not trusted.
 */
export interface ReadMarks {
  /** A read begins; give the answer to {@link end}. */
  begin(): ReadMark
  end(mark: ReadMark): void
  /** How many reads have begun. */
  readonly count: number
  /** Whether a read is under way. */
  readonly isReading: boolean
  /** Which of the reads under way began first; infinite when there is none. */
  readonly oldest: number
}

/** A read that is under way. */
export interface ReadMark {
  /** How many reads had begun then, this one included. */
  readonly startedAt: number
  /** When that was. Of the monotonic clock. */
  readonly time: number
}

/** No read is under way. */
export function createReadMarks(now: () => number): ReadMarks {
  let count = 0
  // In the order they began.
  const underWay = new Set<ReadMark>()
  return {
    begin() {
      count += 1
      const mark = { startedAt: count, time: now() }
      underWay.add(mark)
      return mark
    },
    end: (mark) => void underWay.delete(mark),
    get count() {
      return count
    },
    get isReading() {
      return underWay.size > 0
    },
    get oldest() {
      for (const { startedAt } of underWay) return startedAt
      return Number.POSITIVE_INFINITY
    },
  }
}
