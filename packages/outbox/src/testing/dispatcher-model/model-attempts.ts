import { crc32 } from 'node:zlib'
import type { AttemptReport } from '../../delivery.ts'
import type { ReadDelivery } from '../../ledger.ts'
import type { TestClock } from '../test-clock.ts'
import type { ModelEndpoint, ModelProcess } from './model-process.ts'
import type { ModelStore } from './model-store.ts'

/** An attempt that is under way. */
interface ModelAttempt {
  process: ModelProcess
  delivery: ReadDelivery
  /** Whether others may attempt the same: its process was buried meanwhile. */
  isLost: boolean
}

/** The attempts of all processes, see {@link createModelAttempts}. */
export interface ModelAttempts {
  readonly inFlight: Set<ModelAttempt>
  /** Makes one, and checks when it begins whether it may be made. */
  attempt: (process: ModelProcess, delivery: ReadDelivery, signal: AbortSignal) => Promise<AttemptReport>
  /** The process has ended during its attempts. */
  endOf: (process: ModelProcess) => void
  /** Something was decided about a delivery. */
  noteChange: (id: string) => Promise<void>
  /** A process has canceled a delivery, and goes by it. */
  noteCanceledBy: (process: ModelProcess, id: string) => Promise<void>
  /** From now on everything delivers at once. */
  heal: () => void
}

/** Options of {@link createModelAttempts}. */
export interface ModelAttemptsOptions {
  time: TestClock
  query: ModelStore<unknown>['query']
  leaseInMs: number
  endpoint: ModelEndpoint
  wasClockSet: () => boolean
  say: (problem: string) => void
}

const findNumber = 'SELECT number FROM taskhook_deliveries WHERE id = ?'
const findEarlier = `
  SELECT number FROM taskhook_deliveries
  WHERE line = (SELECT line FROM taskhook_deliveries WHERE number = ?) AND state = 'pending' AND number < ?
`

/** Makes attempts, and looks into the tables whether each may be made. */
export function createModelAttempts({
  time,
  query,
  leaseInMs,
  endpoint: { crashLimit = Number.POSITIVE_INFINITY },
  wasClockSet,
  say: sayProblem,
}: ModelAttemptsOptions): ModelAttempts {
  const inFlight = new Set<ModelAttempt>()
  const changedAt = new Map<string, number>()
  /** Who has canceled a delivery, by its id and number. */
  const canceledBy = new Map<string, ModelProcess>()
  /** How often a process has ended during an attempt. */
  const crashes = new Map<string, number>()
  let isHealthy = false

  /**
   * A process hears of a decision with its next beat, a lease later at the most, and may begin attempts for one lease more. One that was
   * silent for longer must go by what was decided before it begins anything.
   */
  function isNews(id: string, { longestInMs }: ModelProcess): boolean {
    return time.now() - (changedAt.get(id) ?? Number.NEGATIVE_INFINITY) < 2 * leaseInMs + 8 * longestInMs
  }

  /** What is to be said of it at this moment, and what the tables tell later. While it is under way, none of that changes if all is well. */
  async function check(process: ModelProcess, delivery: ReadDelivery): Promise<void> {
    const { number, id, orderingKey, partition, tries } = delivery
    const say = (what: string): void => sayProblem(`${what}: ${id} of ${orderingKey}, ${time.now()}`)
    const isFresh = isNews(id, process)
    const isCanceledByIt = canceledBy.get(`${id} ${number}`) === process
    if ((crashes.get(`${number} ${tries}`) ?? 0) >= crashLimit) say('attempted after its crashes')
    for (const other of inFlight) {
      if (other.delivery.orderingKey === orderingKey && !other.isLost) say('two at once')
    }
    const [owned] = await query('SELECT owner FROM taskhook_partitions WHERE partition = ?', partition)
    if (!isOf(process, owned?.['owner'])) say('not owned')
    const [row] = await query('SELECT * FROM taskhook_deliveries WHERE number = ?', number)
    const state = typeof row?.['state'] === 'string' ? row['state'] : 'not there'
    if (state === 'pending') {
      if (row?.['tries'] !== tries) say('read too long ago')
      const isDue = Number(row?.['ready_at'] ?? 0) <= time.ledgerNow()
      // By the ledger's clock, which says nothing of what was in memory when it was set.
      if (!isDue && !isFresh && !wasClockSet()) say('too early')
    } else if (!isFresh || isCanceledByIt) {
      say(`is ${state} already`)
    }
    if ((await query(findEarlier, number, number)).length > 0) say('out of order')
  }

  return {
    inFlight,
    async attempt(process, delivery, signal) {
      const checked = check(process, delivery)
      const begun: ModelAttempt = { process, delivery, isLost: false }
      inFlight.add(begun)
      await time.whileUnderWay(checked)
      // The same each time that the steps are.
      const chance = crc32(`${delivery.id} ${delivery.tries}`)
      const durationInMs = isHealthy ? 1 : [1, 10, 300, 2000, 30_000][chance % 5]!
      await new Promise<void>((resolve) => {
        time.after(durationInMs, resolve)
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve())
      })
      inFlight.delete(begun)
      if (signal.aborted) return { outcome: 'retry', durationInMs, errorCode: 'aborted' }
      const outcome = chance % 7
      if (isHealthy || outcome < 4) return { outcome: 'delivered', durationInMs, status: 204 }
      if (outcome === 4 && chance % 3 === 0) return { outcome: 'gone', durationInMs, status: 410 }
      return { outcome: 'retry', durationInMs, status: outcome === 5 ? 404 : 503 }
    },
    endOf(process) {
      for (const one of inFlight) {
        if (one.process !== process) continue
        inFlight.delete(one)
        if (one.isLost) continue
        const key = `${one.delivery.number} ${one.delivery.tries}`
        crashes.set(key, (crashes.get(key) ?? 0) + 1)
      }
    },
    async noteChange(id) {
      changedAt.set(id, time.now())
      // One that is resent may begin its schedule anew, and with it the count.
      for (const row of await query(findNumber, id)) {
        for (const key of crashes.keys()) if (key.startsWith(`${String(row['number'])} `)) crashes.delete(key)
      }
    },
    async noteCanceledBy(process, id) {
      const [row] = await query(findNumber, id)
      canceledBy.set(`${id} ${String(row?.['number'])}`, process)
    },
    heal() {
      isHealthy = true
    },
  }
}

/** Whether a dispatcher's id is one of a process, which gets another one each time that it was buried. */
export function isOf(process: ModelProcess, memberId: unknown): boolean {
  return String(memberId).split('/')[0] === process.id
}
