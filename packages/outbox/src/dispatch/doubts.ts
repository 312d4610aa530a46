import type { ReadMark, ReadMarks } from './read-marks.ts'

/** What reads that are under way may not have seen, see {@link createDoubts}. */
export interface Doubts {
  /** An ordering key was settled. */
  noteSettled(orderingKey: string): void
  /** Something was decided about deliveries. */
  noteDecided(): void
  /** Whether a read may not have seen what was settled or decided of an ordering key. */
  isDoubtful(orderingKey: string, mark: ReadMark): boolean
}

/** Nothing is doubtful. It forgets what every read under way has seen. */
export function createDoubts(marks: ReadMarks): Doubts {
  /** When ordering keys were last settled, as long as a read is under way that may not have seen it. In that order. */
  const settled = new Map<string, number>()
  /** Reads that began by then may not have seen what was decided about deliveries. */
  let decidedAt = 0

  return {
    noteSettled(orderingKey) {
      if (!marks.isReading) return settled.clear()
      settled.delete(orderingKey)
      settled.set(orderingKey, marks.count)
      const { oldest } = marks
      for (const [key, at] of settled) {
        if (at >= oldest) return
        settled.delete(key)
      }
    },
    noteDecided() {
      decidedAt = marks.count
    },
    isDoubtful: (orderingKey, { startedAt }) =>
      startedAt <= decidedAt || (settled.get(orderingKey) ?? -1) >= startedAt,
  }
}
