// oxlint-disable max-lines -- one closure: the steps of the model share its state
import { expect } from 'vitest'
import { createEndpointReader } from '../../dispatch/endpoint-reader.ts'
import { createLineBuffer } from '../../dispatch/create-line-buffer.ts'
import { type Finish } from '../../dispatch/line-buffer.ts'
import type { Line } from '../../dispatch/line.ts'
import { createReadMarks } from '../../dispatch/read-marks.ts'
import { createReferenceLines, type Row } from './reference-lines.ts'

/** A step of the model of one endpoint's lines, see {@link createLineModel}. Numbers choose among what is there. */
export type LineStep =
  | { do: 'enqueue'; key: number; delayInMs: number; commitsLate: boolean }
  | {
      do: 'commit' | 'read new' | 'attempt' | 'cancel' | 'cancel here' | 'hurry' | 'obey' | 'release'
      which: number
    }
  | { do: 'answer'; which: number; fails: boolean }
  | { do: 'settle'; which: number; how: 'delivered' | 'exhausted' | 'retry' | 'aborted' }
  | { do: 'finish'; which: number }
  | { do: 'wait'; inMs: number }
  | { do: 'lose partition'; partition: number }

interface Attempt {
  line: Line
  row: Row
  finish: Finish | undefined
  /** Until when it waits, as its dispatcher reckons when it settles. */
  readyAt: number
}

const partitionCount = 2
const capacity = 6

/**
 * A reference ledger as a list, whose reads are answered when a step says so; and a real buffer with a real reader. After each step it
 * checks what a dispatcher promises.
 */
export function createLineModel() {
  let step = 0
  let now = 0
  let timers: { at: number; callback: () => void }[] = []
  let answers: { answer: (fails: boolean) => void }[] = []
  let attempts: Attempt[] = []
  const holds: { row: Row; release: () => void }[] = []
  const partitions = new Set([0, 1])
  const marks = createReadMarks(() => now)
  /** Whether something was decided that the dispatcher has not been told of. */
  let isRevised = false
  let newRead = { position: 0, isUnderWay: false }

  const clock = {
    now: () => now,
    after(delayInMs: number, callback: () => void) {
      const timer = { at: now + delayInMs, callback }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
  }

  /** What is read is what is there now; when it is answered is another matter. */
  function read<T>(result: T): Promise<T> {
    return new Promise((resolve, reject) => {
      answers.push({ answer: (fails) => (fails ? reject(new Error('no luck')) : resolve(result)) })
    })
  }

  const { rows, pending, earlier, toDelivery, ledger } = createReferenceLines({ now: () => now, read })

  const buffer = createLineBuffer({
    marks,
    capacity: () => capacity,
    now: () => now,
    onWait: (readyAt) => reader.noteWait(readyAt),
  })
  const reader = createEndpointReader({
    endpointId: 'one',
    ledger,
    buffer,
    marks,
    clock,
    partitions,
    capacity: () => capacity,
    onRead: () => {},
    onFailure: () => {},
  })
  reader.restart()
  reader.fill()

  function attempt(): boolean {
    const line = buffer.take()
    if (line === undefined) return false
    const { delivery } = line.queue[0]!
    const row = rows.find((one) => one.number === delivery.number)!
    const what = `${JSON.stringify(row)} as ${JSON.stringify(delivery)} at step ${step}, ${now} ms`
    expect(partitions.has(row.partition), `owned: ${what}`).toBe(true)
    expect(
      attempts.some((other) => other.row.key === row.key),
      `two at once: ${what}`,
    ).toBe(false)
    if (!row.isUnheeded) {
      expect(row.state, `attempted again: ${what}`).toBe('pending')
      expect(delivery.tries, `too old: ${what}`).toBe(row.tries)
      expect(row.readyAt ?? 0, `too early: ${what}`).toBeLessThanOrEqual(now)
    }
    // One whose transaction committed late may be overtaken by what was sent before that.
    const overtaken = earlier(row).filter((other) => other.visibleAt! < row.acceptedAt)
    expect(overtaken, `out of order: ${what}`).toEqual([])
    attempts.push({ line, row, finish: undefined, readyAt: 0 })
    return true
  }

  function settle(one: Attempt, how: 'delivered' | 'exhausted' | 'retry' | 'aborted'): void {
    const { row } = one
    if (how === 'aborted') {
      one.finish = 'again'
    } else if (row.state !== 'pending') {
      if (how === 'delivered') row.state = 'delivered'
      one.finish = 'next'
    } else if (how === 'retry') {
      row.tries += 1
      row.readyAt = now + 100
      one.readyAt = now + 100
      one.finish = 'wait'
    } else {
      row.state = how
      row.tries += 1
      one.finish = 'next'
    }
  }

  function finish(one: Attempt): void {
    attempts = attempts.filter((other) => other !== one)
    if (one.finish === 'wait') reader.noteWait(one.readyAt)
    buffer.finish(one.line, one.finish!)
    reader.fill()
  }

  function cancel(row: Row): void {
    const isHead = earlier(row).length === 0
    row.state = 'canceled'
    isRevised = true
    row.isUnheeded = true
    const next = pending().find((other) => other.key === row.key)
    if (isHead && next !== undefined && next.readyAt === undefined) next.readyAt = now
  }

  /** What a dispatcher does when the revision has changed. */
  function obey(then?: () => void): void {
    const heeded = rows.filter(({ isUnheeded }) => isUnheeded)
    isRevised = false
    buffer.doubt()
    const asked = buffer.waitingNumbers()
    const mark = marks.begin()
    const found = pending()
      .filter(({ number }) => asked.includes(number))
      .map(toDelivery)
    void read(found).then(
      (deliveries) => {
        buffer.recheck(asked, deliveries, mark)
        marks.end(mark)
        for (const row of heeded) row.isUnheeded = false
        reader.restartDue()
        reader.fill()
        then?.()
        return undefined
      },
      () => {
        marks.end(mark)
        obey(then)
      },
    )
  }

  function readNew(): void {
    if (newRead.isUnderWay) return
    newRead.isUnderWay = true
    const mark = marks.begin()
    const found = rows.filter(({ visibleAt }) => visibleAt !== undefined && visibleAt > newRead.position)
    const position = step
    const highest = Math.max(
      0,
      ...rows.filter((row) => row.visibleAt! <= newRead.position).map(({ number }) => number),
    )
    const deliveries = found
      .filter(({ state }) => state === 'pending')
      .toSorted((a, b) => a.number - b.number)
      .map(toDelivery)
    void read(deliveries).then(
      () => {
        for (const delivery of deliveries) reader.offerNew(delivery, delivery.number < highest, mark)
        marks.end(mark)
        newRead = { position, isUnderWay: false }
        reader.fill()
        return undefined
      },
      () => {
        marks.end(mark)
        newRead.isUnderWay = false
      },
    )
  }

  function passTime(inMs: number): void {
    now += inMs
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((other) => other !== timer)
      timer.callback()
    }
  }

  function losePartition(partition: number): void {
    if (attempts.some(({ row }) => row.partition === partition) || !partitions.delete(partition)) {
      if (partitions.has(partition)) return
      partitions.add(partition)
      buffer.doubt()
      reader.restart()
      reader.fill()
      return
    }
    buffer.dropPartition(partition)
    // Another dispatcher has it meanwhile.
    for (const row of pending().filter((one) => one.partition === partition && one.number % 2 === 0)) {
      if (earlier(row).length === 0 && (row.readyAt ?? 0) <= now) row.state = 'delivered'
    }
  }

  function run(given: LineStep): void {
    switch (given.do) {
      case 'enqueue':
        rows.push({
          number: rows.length + 1,
          key: `k${given.key}`,
          partition: given.key % partitionCount,
          state: 'pending',
          readyAt: given.delayInMs === 0 ? undefined : now + given.delayInMs,
          tries: 0,
          acceptedAt: step,
          visibleAt: given.commitsLate ? undefined : step,
          isUnheeded: false,
        })
        return
      case 'commit': {
        const row = pick(
          rows.filter(({ visibleAt }) => visibleAt === undefined),
          given.which,
        )
        if (row !== undefined) row.visibleAt = step
        return
      }
      case 'read new':
        return readNew()
      case 'attempt':
        return void attempt()
      case 'cancel': {
        const row = pick(pending(), given.which)
        if (row !== undefined) cancel(row)
        return
      }
      case 'cancel here': {
        // Held from before it is canceled until this dispatcher goes by it: it must not be attempted in between.
        const row = pick(pending(), given.which)
        if (row === undefined) return
        holds.push({ row, release: buffer.hold(`${row.number}`) })
        cancel(row)
        row.isUnheeded = attempts.some((one) => one.row === row)
        return
      }
      case 'release': {
        const [one] = holds.splice(given.which % Math.max(1, holds.length), 1)
        if (one === undefined) return
        obey(() => {
          one.release()
          reader.fill()
        })
        return
      }
      case 'hurry': {
        const row = pick(
          pending().filter(({ readyAt }) => (readyAt ?? 0) > now),
          given.which,
        )
        if (row !== undefined) row.readyAt = now
        isRevised = true
        return
      }
      case 'obey':
        return obey()
      case 'answer': {
        const [one] = answers.splice(given.which % Math.max(1, answers.length), 1)
        one?.answer(given.fails)
        return
      }
      case 'settle': {
        const one = pick(
          attempts.filter((each) => each.finish === undefined),
          given.which,
        )
        if (one !== undefined && !(given.how === 'aborted' && one.row.isUnheeded)) settle(one, given.how)
        return
      }
      case 'finish': {
        const one = pick(
          attempts.filter((each) => each.finish !== undefined),
          given.which,
        )
        if (one !== undefined) finish(one)
        return
      }
      case 'wait':
        return passTime(given.inMs)
      case 'lose partition':
        return losePartition(given.partition)
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
      for (const partition of [0, 1]) if (!partitions.has(partition)) losePartition(partition)
      const released = holds.splice(0)
      if (released.length > 0) {
        obey(() => {
          for (const { release } of released) release()
          reader.fill()
        })
      }
      for (let round = 0; round < 1000; round += 1) {
        step += 1
        readNew()
        if (isRevised) obey()
        for (const { answer } of answers.splice(0)) answer(false)
        await flush()
        while (attempt());
        for (const one of attempts.slice()) {
          if (one.finish === undefined) settle(one, 'delivered')
          finish(one)
        }
        passTime(100)
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

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)]
}
