import { heldWaitInMs } from '../../records/held.ts'
import type { ModelEndpoint } from './model-process.ts'
import type { ModelStore } from './model-store.ts'

/** What the tables of a model say, see {@link createModelRecords}. */
export interface ModelRecords {
  /** Checks that effects and deliveries agree, and that no delivery is blamed for more ends of processes than there were. */
  check: () => Promise<void>
  /** The dispatcher has noted that attempts begin. */
  noteStarts: (memberId: string, numbers: readonly number[]) => void
  noteEnds: (memberId: string, numbers: readonly number[]) => void
  /** A dispatcher has ended, or is taken for dead. */
  noteDeath: (isDead: (memberId: string) => boolean) => void
  countPending: () => Promise<number>
  /** The ids of what is held. */
  held: () => Promise<string[]>
}

/** Options of {@link createModelRecords}. */
export interface ModelRecordsOptions<T> {
  store: Pick<ModelStore<T>, 'query'>
  endpoint: ModelEndpoint
  say: (problem: string) => void
}

const findTwice = 'SELECT number FROM effects GROUP BY number HAVING count(*) > 1'
const findWithout = `
  SELECT number FROM taskhook_deliveries AS delivery
  WHERE state = 'delivered' AND NOT EXISTS (SELECT 1 FROM effects WHERE effects.number = delivery.number)
`
const findUndelivered = `
  SELECT number FROM effects JOIN taskhook_deliveries AS delivery USING (number) WHERE delivery.state <> 'delivered'
`
// One that was resent has the code of before, under another number and without tries.
const findBlamed = `SELECT number FROM taskhook_deliveries WHERE last_error_code = 'handler_crashed' AND tries > 0`
const findHeld = `SELECT id FROM taskhook_deliveries WHERE state = 'pending' AND ready_at >= ?`
const countPending = `SELECT count(*) AS count FROM taskhook_deliveries WHERE state = 'pending'`

/** Looks into the tables of deliveries, and of the effects of their attempts. */
export function createModelRecords<T>({
  store: { query },
  endpoint: { transaction = false, crashLimit },
  say,
}: ModelRecordsOptions<T>): ModelRecords {
  const begun = new Map<number, Set<string>>()
  const deaths = new Map<number, number>()

  return {
    async check() {
      if (transaction) {
        for (const { number } of await query(findTwice)) say(`effect twice: ${String(number)}`)
        for (const { number } of await query(findWithout)) say(`no effect: ${String(number)}`)
        for (const { number } of await query(findUndelivered))
          say(`effect, and not delivered: ${String(number)}`)
      }
      if (crashLimit === undefined) return
      for (const { number } of await query(findBlamed)) {
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
    countPending: async () => Number((await query(countPending))[0]?.['count']),
    held: async () => (await query(findHeld, heldWaitInMs)).map(({ id }) => String(id)),
  }
}
