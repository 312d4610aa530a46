import { expect } from 'vitest'
import type { DispatchLedger, Ledger } from '../../ledger.ts'
import { newDelivery } from '../new-delivery.ts'
import { createTestClock } from '../test-clock.ts'
import { createModelAttempts, isOf } from './model-attempts.ts'
import { createModelProcess, type ModelEndpoint, type ModelProcess } from './model-process.ts'
import { createModelRecords } from './model-records.ts'
import type { CreateModelStore } from './model-store.ts'

/** A step of the model of several dispatchers, see {@link createDispatcherModel}. Numbers choose among what is there. */
export type DispatcherStep =
  | { do: 'start' }
  | { do: 'stop' | 'kill' | 'crash' | 'stall' | 'wake' | 'fail' | 'mend'; which: number }
  | { do: 'slow'; which: number; beforeInMs: number; afterInMs: number }
  | { do: 'enqueue'; keys: number[]; delayInMs: number }
  | { do: 'cancel' | 'resend'; which: number; by: 'process' | 'other' }
  | { do: 'pause' | 'resume' }
  | { do: 'set clock'; aheadInMs: number }
  | { do: 'advance'; durationInMs: number }

/** Real dispatchers on one store, see {@link createDispatcherModel}. */
export interface DispatcherModel {
  run(given: DispatcherStep): Promise<void>
  /** Makes everything well again, and checks that everything comes to its end. */
  heal(): Promise<void>
  close(): Promise<void>
}

const leaseInMs = 15_000
const mostProcesses = 4

/**
 * Real dispatchers on one real store, each a process that can stall, be slow, lose its ledger, or die. At the beginning of each attempt it
 * looks into the tables, whether that attempt may be made, and after each step, what has come of them.
 */
export async function createDispatcherModel<T>(
  endpoint: ModelEndpoint,
  createStore: CreateModelStore<T>,
): Promise<DispatcherModel> {
  const time = createTestClock()
  const store = await createStore(time)
  const { query } = store
  const ledger = await store.open()
  const problems: string[] = []
  const say = (problem: string): void => void problems.push(problem)
  const records = createModelRecords({ store, endpoint, say })
  const attempts = createModelAttempts({
    time,
    query,
    leaseInMs,
    endpoint,
    wasClockSet: () => wasClockSet,
    say,
  })
  const lastBeats = new Map<string, number>()
  const underWay: { process: ModelProcess<T>; end: Promise<unknown> }[] = []
  const started: ModelProcess<T>[] = []
  const opened = new Map<ModelProcess<T>, Ledger<T>>()
  let processes: ModelProcess<T>[] = []
  let enqueued = 0
  let wasClockSet = false

  function watchDispatch(dispatch: DispatchLedger<T>): DispatchLedger<T> {
    return {
      ...dispatch,
      async beat(id) {
        const beaten = await dispatch.beat(id)
        lastBeats.set(id, time.now())
        return beaten
      },
      async bury(dead) {
        // Before, since another may begin what was theirs as soon as they are buried.
        const ids = dead.map(({ id }) => id)
        const lost = [...attempts.inFlight].filter(
          (one) => !one.isLost && ids.some((id) => isOf(one.process, id)),
        )
        for (const one of lost) one.isLost = true
        const before = await members()
        const count = await dispatch.bury(dead)
        const after = await members()
        for (const one of lost) one.isLost = !ids.some((id) => isOf(one.process, id) && after.has(id))
        for (const id of ids) if (before.has(id) && !after.has(id)) noteBurial(id)
        return count
      },
      async noteStarts(id, starts, ends) {
        for (const end of ends) records.noteEnds(end.dispatcherId, [end.number])
        const numbers = starts.map(({ number }) => number)
        records.noteStarts(id, numbers)
        const answers = await dispatch.noteStarts(id, starts, ends)
        const lost = numbers.filter((_, index) => answers[index] === 'lost')
        records.noteEnds(id, lost)
        return answers
      },
    }
  }

  async function members(): Promise<Set<string>> {
    const rows = await time.whileUnderWay(query('SELECT id FROM taskhook_dispatchers'))
    return new Set(rows.map(({ id }) => String(id)))
  }

  function noteBurial(id: string): void {
    const silentInMs = time.now() - (lastBeats.get(id) ?? Number.NEGATIVE_INFINITY)
    if (silentInMs < leaseInMs) say(`buried after ${silentInMs} ms`)
    records.noteDeath((memberId) => memberId === id)
  }

  async function start(): Promise<void> {
    if (processes.length >= mostProcesses) return
    const own = await store.open()
    const process = createModelProcess({
      id: `process ${started.length}`,
      time,
      ledger: { ...own, dispatch: watchDispatch(own.dispatch) },
      leaseInMs,
      endpoint,
      attempt: attempts.attempt,
      writeEffect: store.writeEffect,
    })
    started.push(process)
    opened.set(process, own)
    processes.push(process)
    // One whose ledger fails as it starts is not there.
    underWay.push({ process, end: process.dispatcher.start().catch(() => remove(process)) })
  }

  function remove(process: ModelProcess<T>): void {
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
    await attempts.noteChange(id)
    if (given.by === 'process' && process !== undefined) {
      underWay.push({ process, end: operateBy(process, given.do, id).catch(() => {}) })
    } else {
      await ledger.operate[given.do](id)
    }
  }

  async function operateBy(process: ModelProcess<T>, what: 'cancel' | 'resend', id: string): Promise<void> {
    const isDone = await process.deliveries[what](id)
    if (isDone && what === 'cancel') await attempts.noteCanceledBy(process, id)
  }

  async function kill(process: ModelProcess<T>): Promise<void> {
    process.kill()
    remove(process)
    attempts.endOf(process)
    records.noteDeath((memberId) => isOf(process, memberId))
    await store.kill(opened.get(process)!)
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
        underWay.push({ process, end: process.dispatcher.stop(0) })
        return
      case 'kill':
        return process && kill(process)
      case 'crash': {
        const attempt = pick([...attempts.inFlight], given.which)
        const crashing = started.find((one) => one === attempt?.process)
        return crashing && kill(crashing)
      }
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
      await records.check()
      expect(problems).toEqual([])
    },
    async heal(): Promise<void> {
      attempts.heal()
      for (const process of processes) {
        process.slowness = { beforeInMs: 0, afterInMs: 0 }
        process.isFailing = false
        process.wake()
      }
      time.setLedgerClock(0)
      if (processes.length === 0) await start()
      await time.advance(60_000)
      await ledger.operate.resumeEndpoint('one')
      for (let minute = 0; minute < 10 && (await records.countPending()) > 0; minute += 1) {
        for (const id of await records.held()) {
          await attempts.noteChange(id)
          await ledger.operate.resend(id)
        }
        await time.advance(60_000)
      }
      await records.check()
      expect(problems).toEqual([])
      expect(await records.countPending()).toBe(0)
      await Promise.all(processes.map(({ dispatcher }) => dispatcher.idle()))
      await Promise.all(processes.map(({ dispatcher }) => dispatcher.stop(1000)))
      // What was under way in a process that was killed never ends.
      await Promise.all(underWay.filter(({ process }) => process.state !== 'killed').map(({ end }) => end))
      expect(attempts.inFlight.size).toBe(0)
    },
    async close(): Promise<void> {
      await Promise.all([ledger, ...opened.values()].map((each) => each.close()))
    },
  }
}

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)]
}
