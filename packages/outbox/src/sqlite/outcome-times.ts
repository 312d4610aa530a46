import type { DatabaseSync } from 'node:sqlite'

/** When endpoints last took a delivery and last failed, see {@link createOutcomeTimes}. */
export interface OutcomeTimes {
  /** Notes the outcome of an attempt. */
  note(endpoint: number, isSuccess: boolean, at: number): void
  /** Writes down what was noted. */
  write(): void
  /** Forgets what was noted and not written down: it was rolled back. */
  forget(): void
}

/** Writes the latest outcome of each endpoint once a commit rather than once a settlement. */
export function createOutcomeTimes(database: DatabaseSync): OutcomeTimes {
  const write = database.prepare(`
    UPDATE taskhook_endpoints
    SET last_success_at = coalesce(?, last_success_at), last_failure_at = coalesce(?, last_failure_at)
    WHERE number = ?
  `)
  const noted = new Map<number, { success?: number; failure?: number }>()
  return {
    note(endpoint, isSuccess, at) {
      let times = noted.get(endpoint)
      if (times === undefined) noted.set(endpoint, (times = {}))
      times[isSuccess ? 'success' : 'failure'] = at
    },
    write() {
      if (noted.size === 0) return
      for (const [endpoint, { success = null, failure = null }] of noted) {
        write.run(success, failure, endpoint)
      }
      noted.clear()
    },
    forget: () => noted.clear(),
  }
}
