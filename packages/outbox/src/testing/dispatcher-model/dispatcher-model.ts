import { crc32 } from 'node:zlib'
import { expect } from 'vitest'
import type { AttemptReport } from '../../delivery.ts'
import type { DispatchLedger, ReadDelivery } from '../../ledger.ts'
import { newDelivery } from '../new-delivery.ts'
import { openTestDatabase } from '../test-sqlite.ts'
import { openTestOutbox } from '../test-outbox.ts'
import { createModelProcess, type ModelProcess } from './model-process.ts'

/** A step of the model of several dispatchers, see {@link createDispatcherModel}. Numbers choose among what is there. */
export type DispatcherStep =
  | { do: 'start' }
  | { do: 'stop' | 'kill' | 'stall' | 'wake' | 'fail' | 'mend'; which: number }
  | { do: 'slow'; which: number; beforeInMs: number; afterInMs: number }
  | { do: 'enqueue'; keys: number[]; delayInMs: number }
  | { do: 'cancel' | 'resend'; which: number; by: 'process' | 'other' }
  | { do: 'pause' | 'resume' }
  | { do: 'set clock'; aheadInMs: number }
  | { do: 'advance'; durationInMs: number }

interface Attempt {
  process: ModelProcess
  delivery: ReadDelivery
  /** Whether others may attempt the same: its process was buried meanwhile. */
  isLost: boolean
}

const leaseInMs = 15_000
const mostProcesses = 4
const cancelIsKnownWithinInMs = 20_000

/**
 * Real dispatchers on one real ledger, each a process that can stall, be slow, lose its ledger, or die. At the beginning of each attempt it
 * looks into the tables, whether that attempt may be made.
 */
export function createDispatcherModel() {
  const { clock: time, file, ledger } = openTestOutbox()
  const database = openTestDatabase(file)
  const findDelivery = database.prepare('SELECT * FROM taskhook_deliveries WHERE number = ?')
  const findEarlier = database.prepare(`
    SELECT number FROM taskhook_deliveries
    WHERE line = (SELECT line FROM taskhook_deliveries WHERE number = ?) AND state = 'pending' AND number < ?
  `)
  const findOwner = database.prepare('SELECT owner FROM taskhook_partitions WHERE partition = ?')
  const findDispatcher = database.prepare('SELECT 1 FROM taskhook_dispatchers WHERE id = ?')
  const countPending = database.prepare(
    `SELECT count(*) AS count FROM taskhook_deliveries WHERE state = 'pending'`,
  )
  const problems: string[] = []
  const inFlight = new Set<Attempt>()
  const lastBeats = new Map<string, number>()
  const changedAt = new Map<string, number>()
  const underWay: { process: ModelProcess; end: Promise<unknown> }[] = []
  let processes: ModelProcess[] = []
  let enqueued = 0
  let isHealthy = false
  let wasClockSet = false

  function watchDispatch<T>(dispatch: DispatchLedger<T>): DispatchLedger<T> {
    return {
      ...dispatch,
      async beat(id) {
        const beaten = await dispatch.beat(id)
        lastBeats.set(id, time.now())
        return beaten
      },
      async bury(dead) {
        const before = dead.filter(({ id }) => findDispatcher.get(id) !== undefined)
        const count = await dispatch.bury(dead)
        for (const { id } of before) if (findDispatcher.get(id) === undefined) noteBurial(id)
        return count
      },
    }
  }

  function noteBurial(id: string): void {
    const silentInMs = time.now() - (lastBeats.get(id) ?? Number.NEGATIVE_INFINITY)
    if (silentInMs < leaseInMs) problems.push(`buried after ${silentInMs} ms`)
    for (const one of inFlight) if (isOf(one.process, id)) one.isLost = true
  }

  function check(process: ModelProcess, delivery: ReadDelivery): void {
    const { number, id, orderingKey, partition, tries } = delivery
    const say = (what: string): void => void problems.push(`${what}: ${id} of ${orderingKey}, ${time.now()}`)
    if (!isOf(process, findOwner.get(partition)?.['owner'])) say('not owned')
    const row = findDelivery.get(number)
    const isChanged = time.now() - (changedAt.get(id) ?? Number.NEGATIVE_INFINITY) < cancelIsKnownWithinInMs
    if (row?.['state'] === 'pending') {
      if (row['tries'] !== tries) say('read too long ago')
      const isDue = Number(row['ready_at'] ?? 0) <= time.ledgerNow()
      // By the ledger's clock, which says nothing of what was in memory when it was set.
      if (!isDue && !isChanged && !wasClockSet) say('too early')
    } else if (!isChanged) {
      say(`is ${String(row?.['state'] ?? 'not there')} already`)
    }
    if (findEarlier.all(number, number).length > 0) say('out of order')
    for (const other of inFlight) {
      if (other.delivery.orderingKey === orderingKey && !other.isLost && other.process.state !== 'killed') {
        say('two at once')
      }
    }
  }

  async function attempt(
    process: ModelProcess,
    delivery: ReadDelivery,
    signal: AbortSignal,
  ): Promise<AttemptReport> {
    check(process, delivery)
    const begun: Attempt = { process, delivery, isLost: false }
    inFlight.add(begun)
    // The same each time that the steps are.
    const chance = crc32(`${delivery.id} ${delivery.tries}`)
    const durationInMs = isHealthy ? 1 : [1, 10, 300, 2000, 30_000][chance % 5]!
    await new Promise<void>((resolve) => {
      time.after(durationInMs, resolve)
      signal.addEventListener('abort', () => resolve())
    })
    inFlight.delete(begun)
    if (signal.aborted) return { outcome: 'retry', durationInMs, errorCode: 'aborted' }
    const outcome = chance % 7
    if (isHealthy || outcome < 4) return { outcome: 'delivered', durationInMs, status: 204 }
    if (outcome === 4 && chance % 3 === 0) return { outcome: 'gone', durationInMs, status: 410 }
    return { outcome: 'retry', durationInMs, status: outcome === 5 ? 404 : 503 }
  }

  function start(): void {
    if (processes.length >= mostProcesses) return
    const watched = { ...ledger, dispatch: watchDispatch(ledger.dispatch) }
    const process = createModelProcess({ time, ledger: watched, leaseInMs, attempt })
    processes.push(process)
    // One whose ledger fails as it starts is not there.
    underWay.push({ process, end: process.outbox.start().catch(() => remove(process)) })
  }

  function remove(process: ModelProcess): void {
    processes = processes.filter((other) => other !== process)
  }

  async function enqueue(keys: readonly number[], delayInMs: number): Promise<void> {
    await ledger.enqueue(
      keys.map((key) => newDelivery(`${(enqueued += 1)}`, { orderingKey: `k${key}`, delayInMs })),
    )
  }

  async function operate(given: Extract<DispatcherStep, { by: unknown }>): Promise<void> {
    const id = `${1 + (given.which % Math.max(1, enqueued))}`
    const process = pick(
      processes.filter(({ state, isFailing }) => state === 'awake' && !isFailing),
      given.which,
    )
    changedAt.set(id, time.now())
    if (given.by === 'process' && process !== undefined) {
      underWay.push({ process, end: process.outbox.deliveries[given.do](id).catch(() => {}) })
    } else {
      await ledger.operate[given.do](id)
    }
  }

  async function run(given: DispatcherStep): Promise<void> {
    const process = 'which' in given ? pick(processes, given.which) : undefined
    switch (given.do) {
      case 'start':
        return start()
      case 'stop':
        if (process?.state !== 'awake' || process.isFailing) return
        remove(process)
        process.slowness = { beforeInMs: 0, afterInMs: 0 }
        underWay.push({ process, end: process.outbox.stop({ timeoutInMs: 0 }) })
        return
      case 'kill':
        if (process === undefined) return
        process.kill()
        remove(process)
        for (const one of inFlight) if (one.process === process) inFlight.delete(one)
        return
      case 'stall':
        return process?.stall()
      case 'wake':
        return process?.wake()
      case 'fail':
      case 'mend':
        if (process !== undefined) process.isFailing = given.do === 'fail'
        return
      case 'slow':
        if (process !== undefined) process.slowness = given
        return
      case 'enqueue':
        return enqueue(given.keys, given.delayInMs)
      case 'cancel':
      case 'resend':
        return operate(given)
      case 'pause':
        return ledger.operate.pauseEndpoint('one')
      case 'resume':
        return ledger.operate.resumeEndpoint('one')
      case 'set clock':
        wasClockSet = true
        return time.setLedgerClock(given.aheadInMs)
      case 'advance':
        return time.advance(given.durationInMs)
    }
  }

  return {
    async run(given: DispatcherStep): Promise<void> {
      await run(given)
      await time.quiet()
      expect(problems).toEqual([])
    },
    /** Makes everything well again, and checks that everything comes to its end. */
    async heal(): Promise<void> {
      isHealthy = true
      for (const process of processes) {
        process.slowness = { beforeInMs: 0, afterInMs: 0 }
        process.isFailing = false
        process.wake()
      }
      time.setLedgerClock(0)
      if (processes.length === 0) start()
      await time.advance(60_000)
      await ledger.operate.resumeEndpoint('one')
      for (let minute = 0; minute < 10 && countPending.get()!['count'] !== 0; minute += 1)
        await time.advance(60_000)
      expect(problems).toEqual([])
      expect(countPending.get()).toEqual({ count: 0 })
      await Promise.all(processes.map(({ outbox }) => outbox.idle()))
      await Promise.all(processes.map(({ outbox }) => outbox.stop()))
      // What was under way in a process that was killed never ends.
      await Promise.all(underWay.filter(({ process }) => process.state !== 'killed').map(({ end }) => end))
      expect(inFlight.size).toBe(0)
    },
  }
}

/** Whether a dispatcher's id is one of a process, which gets another one each time that it was buried. */
function isOf(process: ModelProcess, memberId: unknown): boolean {
  return String(memberId).split('/')[0] === process.outbox.id
}

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)]
}
