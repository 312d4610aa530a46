import { expect } from 'vitest'
import { heldWaitInMs } from '../../records/held.ts'
import { createLineDispatcher, type LineEnd } from './line-dispatcher.ts'
import { createLineTime } from './line-time.ts'
import { createReferenceLines, type Row } from './reference-lines.ts'

/** A step of the model of one endpoint's lines, see {@link createLineModel}. Numbers choose among what is there. */
export type LineStep =
  | { do: 'enqueue'; key: number; delayInMs: number; commitsLate: boolean }
  | {
      do:
        | 'commit'
        | 'read new'
        | 'attempt'
        | 'take'
        | 'begin'
        | 'cancel'
        | 'cancel here'
        | 'resend'
        | 'obey'
        | 'release'
      which: number
    }
  | { do: 'answer'; which: number; fails: boolean }
  | { do: 'settle'; which: number; how: LineEnd }
  | { do: 'finish'; which: number }
  | { do: 'wait'; inMs: number }
  | { do: 'lose partition'; partition: number }

const partitionCount = 2
const capacity = 6

/**
 * A reference ledger as a list, whose reads are answered when a step says so; and a real buffer with a real reader. After each step it
 * checks what a dispatcher promises.
 */
export function createLineModel() {
  let step = 0
  const time = createLineTime()
  const holds: { row: Row; release: () => void }[] = []
  /** Whether something was decided that the dispatcher has not been told of. */
  let isRevised = false
  const reference = createReferenceLines({ now: () => time.now, read: time.read })
  const { rows, pending, earlier } = reference
  const dispatcher = createLineDispatcher({ reference, time, capacity, step: () => step })
  const { buffer, reader } = dispatcher

  function obey(then?: () => void): void {
    isRevised = false
    dispatcher.obey(then)
  }

  function enqueue({ key, delayInMs, commitsLate }: Extract<LineStep, { do: 'enqueue' }>): void {
    rows.push({
      number: rows.length + 1,
      key: `k${key}`,
      partition: key % partitionCount,
      state: 'pending',
      readyAt: delayInMs === 0 ? undefined : time.now + delayInMs,
      tries: 0,
      acceptedAt: step,
      visibleAt: commitsLate ? undefined : step,
      isUnheeded: false,
    })
  }

  function cancel(row: Row): void {
    const isHead = earlier(row).length === 0
    row.state = 'canceled'
    isRevised = true
    row.isUnheeded = true
    const next = pending().find((other) => other.key === row.key)
    if (isHead && next !== undefined && next.readyAt === undefined) next.readyAt = time.now
  }

  /** Held from before it is canceled until this dispatcher goes by it: it must not be attempted in between. */
  function cancelHere(row: Row): void {
    holds.push({ row, release: buffer.hold(`${row.number}`) })
    cancel(row)
    row.isUnheeded = dispatcher.attempts.some((one) => one.row === row)
  }

  /** Of one that waits. One that is held begins its schedule anew. */
  function resend(row: Row): void {
    if (row.readyAt! >= heldWaitInMs) row.tries = 0
    row.readyAt = time.now
    isRevised = true
  }

  function release(released: readonly { release: () => void }[]): void {
    if (released.length === 0) return
    obey(() => {
      for (const one of released) one.release()
      reader.fill()
    })
  }

  /** What may be taken may begin at once. */
  function attemptNext(): boolean {
    const line = dispatcher.take()
    if (line !== undefined) expect(dispatcher.begin(line)).toBe(true)
    return line !== undefined
  }

  const waiting = (): Row[] => pending().filter(({ readyAt }) => (readyAt ?? 0) > time.now)

  function run(given: LineStep): void {
    const { attempts } = dispatcher
    const one = <T>(items: readonly T[], use: (item: T) => void): void => {
      const { which } = given as { which: number }
      if (items.length > 0) use(items[which % items.length]!)
    }
    switch (given.do) {
      case 'enqueue':
        return enqueue(given)
      case 'commit': {
        const late = rows.filter(({ visibleAt }) => visibleAt === undefined)
        return one(late, (row) => (row.visibleAt = step))
      }
      case 'read new':
        return dispatcher.readNew()
      case 'attempt':
        return void attemptNext()
      case 'take':
        return void dispatcher.take()
      case 'begin':
        return one(dispatcher.taken, dispatcher.begin)
      case 'cancel':
        return one(pending(), cancel)
      case 'cancel here':
        return one(pending(), cancelHere)
      case 'resend':
        isRevised = true
        return one(waiting(), resend)
      case 'release':
        return release(holds.splice(given.which % Math.max(1, holds.length), 1))
      case 'obey':
        return obey()
      case 'answer':
        return time.answer(given.which, given.fails)
      case 'settle': {
        const open = attempts.filter((each) => each.finish === undefined)
        return one(open, (attempt) => {
          if (given.how !== 'aborted' || !attempt.row.isUnheeded) dispatcher.settle(attempt, given.how)
        })
      }
      case 'finish': {
        const settled = attempts.filter((each) => each.finish !== undefined)
        return one(settled, dispatcher.finish)
      }
      case 'wait':
        return time.pass(given.inMs)
      case 'lose partition':
        return dispatcher.losePartition(given.partition)
    }
  }

  return {
    async run(given: LineStep): Promise<void> {
      step += 1
      run(given)
      await flush()
      const lines = buffer.lineCount
      expect(lines, 'lines in memory').toBeLessThanOrEqual(2 * capacity)
      expect(buffer.waitingNumbers().length, 'deliveries in memory').toBeLessThanOrEqual(16 * lines)
    },
    /** Lets everything come to its end, and checks that nothing was forgotten. */
    async drain(): Promise<void> {
      for (const row of rows) row.visibleAt ??= step += 1
      for (const partition of [0, 1]) if (!dispatcher.owns(partition)) dispatcher.losePartition(partition)
      release(holds.splice(0))
      for (const row of waiting()) if (row.readyAt! >= heldWaitInMs) resend(row)
      for (let round = 0; round < 1000; round += 1) {
        step += 1
        dispatcher.readNew()
        if (isRevised) obey()
        time.answerAll()
        await flush()
        for (const line of dispatcher.taken.slice()) dispatcher.begin(line)
        while (attemptNext());
        for (const attempt of dispatcher.attempts.slice()) {
          if (attempt.finish === undefined) dispatcher.settle(attempt, 'delivered')
          dispatcher.finish(attempt)
        }
        time.pass(100)
        const isOver = pending().length === 0 && reader.isCaughtUp && buffer.readyCount === 0
        if (isOver && round > 20) break
      }
      expect(
        pending().map(({ number }) => number),
        'forgotten',
      ).toEqual([])
      expect(buffer.lineCount, 'left in memory').toBe(0)
      expect(reader.isCaughtUp).toBe(true)
    },
  }
}

async function flush(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise<void>((resolve) => void setImmediate(resolve))
}
