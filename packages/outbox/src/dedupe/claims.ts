import type { DatabaseSync } from 'node:sqlite'
import type { BootClock } from './boot-clock.ts'

/** What is known of an id. */
export type ClaimState = 'free' | 'in-progress' | 'done'

/** The operations on the table, each to be run in a transaction of its caller. */
export interface Claims {
  find(id: string): ClaimState
  /** Gives the id to `owner`, whatever it was before. */
  take(id: string, owner: string): void
  /** These three change nothing, and are false, when `owner` has the id no longer. */
  commit(id: string, owner: string): boolean
  abort(id: string, owner: string): boolean
  renew(id: string, owner: string): boolean
  /** Deletes some of the rows that are kept no longer; says how many. */
  purge(limit: number): number
}

/** How long claims are held and ids remembered, in milliseconds, and by which clocks. */
export interface ClaimTimes {
  claimInMs: number
  keepInMs: number
  now: () => number
  bootClock: BootClock
}

// No claim is longer. One that ends later was made before the time of day was set back.
const longestClaimInMs = 24 * 60 * 60 * 1000

/** Prepares the operations on a connection. */
export function prepareClaims(
  database: DatabaseSync,
  { claimInMs, keepInMs, now, bootClock }: ClaimTimes,
): Claims {
  const find = database.prepare('SELECT * FROM taskhook_dedupe WHERE id = ?')
  // Not numbered, as `?1`: Node.js 22.13 binds these to nothing.
  const take = database.prepare(`
    INSERT INTO taskhook_dedupe (owner, boot, ends_since_boot, ends_at, keep_until, id) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, boot = excluded.boot,
      ends_since_boot = excluded.ends_since_boot, ends_at = excluded.ends_at, keep_until = excluded.keep_until
  `)
  const commit = database.prepare(
    'UPDATE taskhook_dedupe SET owner = NULL, keep_until = ? WHERE id = ? AND owner = ?',
  )
  const abort = database.prepare('DELETE FROM taskhook_dedupe WHERE id = ? AND owner = ?')
  const renew = database.prepare(`
    UPDATE taskhook_dedupe SET boot = ?, ends_since_boot = ?, ends_at = ?, keep_until = ? WHERE id = ? AND owner = ?
  `)
  const purge = database.prepare(`
    DELETE FROM taskhook_dedupe WHERE id IN (
      SELECT id FROM taskhook_dedupe INDEXED BY taskhook_dedupe_keep_until WHERE keep_until <= ? ORDER BY keep_until LIMIT ?
    )
  `)

  // A claim that was abandoned is kept as long as what is done: a slow handler that is alone with it may still commit.
  function newEnds(): [boot: string, endsSinceBoot: number, endsAt: number, keepUntil: number] {
    const endsAt = now() + claimInMs
    return [bootClock.boot, bootClock.now() + claimInMs, endsAt, endsAt + keepInMs]
  }

  function isHeld(row: Readonly<Record<string, unknown>>): boolean {
    if (row['boot'] === bootClock.boot) return Number(row['ends_since_boot']) > bootClock.now()
    const remainingInMs = Number(row['ends_at']) - now()
    return remainingInMs > 0 && remainingInMs <= longestClaimInMs
  }

  return {
    find(id) {
      const row = find.get(id)
      if (row === undefined) return 'free'
      if (row['owner'] !== null) return isHeld(row) ? 'in-progress' : 'free'
      return Number(row['keep_until']) > now() ? 'done' : 'free'
    },
    take: (id, owner) => void take.run(owner, ...newEnds(), id),
    commit: (id, owner) => Number(commit.run(now() + keepInMs, id, owner).changes) > 0,
    abort: (id, owner) => Number(abort.run(id, owner).changes) > 0,
    renew: (id, owner) => Number(renew.run(...newEnds(), id, owner).changes) > 0,
    purge: (limit) => Number(purge.run(now(), limit).changes),
  }
}
