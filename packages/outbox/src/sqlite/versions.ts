import type { DatabaseSync } from 'node:sqlite'
import type { Versions } from '../ledger.ts'

/** The two counters of a ledger. */
export interface VersionCounters {
  read(): Versions
  raiseGeneration(): void
  /** Raises the revision, for something that was decided about an endpoint. */
  raiseRevision(endpoint: number): void
}

/** Prepares the counters that tell dispatchers what to read again. */
export function createVersionCounters(database: DatabaseSync): VersionCounters {
  const read = database.prepare('SELECT generation, revision FROM taskhook_ledger')
  const raiseGeneration = database.prepare('UPDATE taskhook_ledger SET generation = generation + 1')
  const raiseRevision = database.prepare(
    'UPDATE taskhook_ledger SET revision = revision + 1 RETURNING revision',
  )
  const mark = database.prepare('UPDATE taskhook_endpoints SET revision = ? WHERE number = ?')
  return {
    read() {
      const row = read.get()
      return { generation: Number(row?.['generation']), revision: Number(row?.['revision']) }
    },
    raiseGeneration: () => void raiseGeneration.run(),
    raiseRevision: (endpoint) => void mark.run(Number(raiseRevision.get()?.['revision']), endpoint),
  }
}
