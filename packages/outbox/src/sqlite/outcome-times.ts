import type { DatabaseSync } from 'node:sqlite'
import { minuteOf, outcomesKeptInMs } from '../records/outcome-minutes.ts'

/** When endpoints last took a delivery and last failed, and how often in each minute, see {@link createOutcomeTimes}. */
export interface OutcomeTimes {
  /** Notes the outcome of an attempt. */
  note(endpoint: number, isSuccess: boolean, at: number): void
  /** Writes down what was noted. */
  write(): void
  /** Forgets what was noted and not written down: it was rolled back. */
  forget(): void
}

interface Noted {
  successAt: number | null
  failureAt: number | null
  delivered: number
  failed: number
}

/** Writes the outcomes of each endpoint once a commit rather than once a settlement. */
export function createOutcomeTimes(database: DatabaseSync): OutcomeTimes {
  const write = database.prepare(`
    UPDATE taskhook_endpoints
    SET last_success_at = coalesce(?, last_success_at), last_failure_at = coalesce(?, last_failure_at)
    WHERE number = ?
  `)
  const count = database.prepare(`
    INSERT INTO taskhook_outcomes (minute, endpoint, delivered, failed) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, failed = failed + excluded.failed
  `)
  const removeOld = database.prepare('DELETE FROM taskhook_outcomes WHERE minute < ?')
  const noted = new Map<number, Noted>()
  let cleanedIn: number | undefined

  return {
    note(endpoint, isSuccess, at) {
      let outcomes = noted.get(endpoint)
      if (outcomes === undefined) {
        noted.set(endpoint, (outcomes = { successAt: null, failureAt: null, delivered: 0, failed: 0 }))
      }
      outcomes[isSuccess ? 'successAt' : 'failureAt'] = at
      outcomes[isSuccess ? 'delivered' : 'failed'] += 1
    },
    write() {
      for (const [endpoint, { successAt, failureAt, delivered, failed }] of noted) {
        write.run(successAt, failureAt, endpoint)
        const minute = minuteOf(Math.max(successAt ?? 0, failureAt ?? 0))
        count.run(minute, endpoint, delivered, failed)
        if (minute === cleanedIn) continue
        removeOld.run(minute - outcomesKeptInMs)
        cleanedIn = minute
      }
      noted.clear()
    },
    forget: () => noted.clear(),
  }
}
