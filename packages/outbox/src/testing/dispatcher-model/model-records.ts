import type { DatabaseSync } from 'node:sqlite'
import type { ReadDelivery } from '../../ledger.ts'
import { heldWaitInMs } from '../../records/held.ts'
import type { ModelEndpoint } from './model-process.ts'

/** What the tables of a model say, see {@link createModelRecords}. */
export interface ModelRecords {
  writeEffect: (transaction: DatabaseSync, delivery: ReadDelivery) => void
  /** Checks that effects and deliveries agree, and that no delivery is blamed for more ends of processes than there were. */
  check: () => void
  /** The dispatcher has noted that attempts begin. */
  noteStarts: (memberId: string, numbers: readonly number[]) => void
  noteEnds: (memberId: string, numbers: readonly number[]) => void
  /** A dispatcher has ended, or is taken for dead. */
  noteDeath: (isDead: (memberId: string) => boolean) => void
  countPending: () => number
  /** The ids of what is held. */
  held: () => string[]
}

/** Options of {@link createModelRecords}. */
export interface ModelRecordsOptions {
  database: DatabaseSync
  endpoint: ModelEndpoint
  say: (problem: string) => void
}

/** Looks into the tables of deliveries, and of the effects of their attempts. */
export function createModelRecords({
  database,
  endpoint: { transaction = false, crashLimit },
  say,
}: ModelRecordsOptions): ModelRecords {
  database.exec('CREATE TABLE effects (number INTEGER NOT NULL) STRICT')
  const findTwice = database.prepare('SELECT number FROM effects GROUP BY number HAVING count(*) > 1')
  const findWithout = database.prepare(`
    SELECT number FROM taskhook_deliveries AS delivery
    WHERE state = 'delivered' AND NOT EXISTS (SELECT 1 FROM effects WHERE effects.number = delivery.number)
  `)
  const findUndelivered = database.prepare(`
    SELECT number FROM effects JOIN taskhook_deliveries AS delivery USING (number) WHERE delivery.state <> 'delivered'
  `)
  const findBlamed = database.prepare(
    `SELECT number FROM taskhook_deliveries WHERE last_error_code = 'handler_crashed'`,
  )
  const findHeld = database.prepare(
    `SELECT id FROM taskhook_deliveries WHERE state = 'pending' AND ready_at >= ?`,
  )
  const countPending = database.prepare(
    `SELECT count(*) AS count FROM taskhook_deliveries WHERE state = 'pending'`,
  )
  const begun = new Map<number, Set<string>>()
  const deaths = new Map<number, number>()

  return {
    writeEffect(within, { number }) {
      within.prepare('INSERT INTO effects VALUES (?)').run(number)
    },
    check() {
      if (transaction) {
        for (const { number } of findTwice.all()) say(`effect twice: ${String(number)}`)
        for (const { number } of findWithout.all()) say(`no effect: ${String(number)}`)
        for (const { number } of findUndelivered.all()) say(`effect, and not delivered: ${String(number)}`)
      }
      if (crashLimit === undefined) return
      for (const { number } of findBlamed.all()) {
        if ((deaths.get(Number(number)) ?? 0) < crashLimit) say(`blamed for no crash: ${String(number)}`)
      }
    },
    noteStarts(memberId, numbers) {
      for (const number of numbers) begun.set(number, (begun.get(number) ?? new Set()).add(memberId))
    },
    noteEnds(memberId, numbers) {
      for (const number of numbers) begun.get(number)?.delete(memberId)
    },
    noteDeath(isDead) {
      for (const [number, memberIds] of begun) {
        for (const memberId of memberIds) {
          if (!isDead(memberId)) continue
          memberIds.delete(memberId)
          deaths.set(number, (deaths.get(number) ?? 0) + 1)
        }
      }
    },
    countPending: () => Number(countPending.get()?.['count']),
    held: () => findHeld.all(heldWaitInMs).map(({ id }) => String(id)),
  }
}
