import { expect } from 'vitest'
import { createLineBuffer } from '../../dispatch/create-line-buffer.ts'
import { createEndpointReader, type EndpointReader } from '../../dispatch/endpoint-reader.ts'
import type { Finish, LineBuffer } from '../../dispatch/line-buffer.ts'
import type { Line } from '../../dispatch/line.ts'
import { createReadMarks } from '../../dispatch/read-marks.ts'
import { heldWaitInMs } from '../../records/held.ts'
import type { LineTime } from './line-time.ts'
import type { ReferenceLines, Row } from './reference-lines.ts'

/** How an attempt of the model ends. */
export type LineEnd = 'delivered' | 'exhausted' | 'retry' | 'held' | 'aborted'

/** An attempt under way, or one that is settled and not finished yet. */
interface LineAttempt {
  line: Line
  row: Row
  finish: Finish | undefined
  /** Until when it waits, as its dispatcher reckons when it settles. */
  readyAt: number
}

/** What a dispatcher does with one endpoint's lines: with a real buffer and a real reader. */
export interface LineDispatcher {
  buffer: LineBuffer
  reader: EndpointReader
  readonly attempts: readonly LineAttempt[]
  /** Lines that were taken, and whose attempts have not begun. */
  readonly taken: readonly Line[]
  /** Takes what is next, if anything is. */
  take: () => Line | undefined
  /** Begins the attempt of what was taken, if it may, and checks that it may; says whether it did. */
  begin: (line: Line) => boolean
  settle: (attempt: LineAttempt, how: LineEnd) => void
  finish: (attempt: LineAttempt) => void
  /** What it does when the revision has changed. */
  obey: (then?: () => void) => void
  readNew: () => void
  /** Loses a partition, unless an attempt of it is under way, or gets it back. */
  losePartition: (partition: number) => void
  owns: (partition: number) => boolean
}

/** Options of {@link createLineDispatcher}. */
export interface LineDispatcherOptions {
  reference: ReferenceLines
  time: LineTime
  capacity: number
  /** The count of steps. */
  step: () => number
}

/** Makes the dispatcher of a reference ledger. */
export function createLineDispatcher({
  reference: { rows, pending, earlier, toDelivery, ledger },
  time,
  capacity,
  step,
}: LineDispatcherOptions): LineDispatcher {
  let attempts: LineAttempt[] = []
  let taken: Line[] = []
  const partitions = new Set([0, 1])
  const marks = createReadMarks(() => time.now)
  let newRead = { position: 0, isUnderWay: false }
  const buffer = createLineBuffer({
    marks,
    capacity: () => capacity,
    now: () => time.now,
    onWait: (readyAt) => reader.noteWait(readyAt),
  })
  const reader = createEndpointReader({
    endpointId: 'one',
    ledger,
    buffer,
    marks,
    clock: time.clock,
    partitions,
    capacity: () => capacity,
    onRead: () => {},
    onFailure: () => {},
  })
  reader.restart()
  reader.fill()

  function take(): Line | undefined {
    const line = buffer.take()
    if (line !== undefined) taken.push(line)
    return line
  }

  function begin(line: Line): boolean {
    taken = taken.filter((other) => other !== line)
    if (!buffer.begin(line)) {
      buffer.finish(line, 'again')
      reader.fill()
      return false
    }
    const { delivery } = line.queue[0]!
    const row = rows.find((one) => one.number === delivery.number)!
    const what = `${JSON.stringify(row)} as ${JSON.stringify(delivery)} at step ${step()}, ${time.now} ms`
    expect(partitions.has(row.partition), `owned: ${what}`).toBe(true)
    expect(
      attempts.some((other) => other.row.key === row.key),
      `two at once: ${what}`,
    ).toBe(false)
    if (!row.isUnheeded) {
      expect(row.state, `attempted again: ${what}`).toBe('pending')
      expect(delivery.tries, `too old: ${what}`).toBe(row.tries)
      expect(row.readyAt ?? 0, `too early: ${what}`).toBeLessThanOrEqual(time.now)
    }
    // One whose transaction committed late may be overtaken by what was sent before that.
    const overtaken = earlier(row).filter((other) => other.visibleAt! < row.acceptedAt)
    expect(overtaken, `out of order: ${what}`).toEqual([])
    attempts.push({ line, row, finish: undefined, readyAt: 0 })
    return true
  }

  function settle(one: LineAttempt, how: LineEnd): void {
    const { row } = one
    if (how === 'aborted') {
      one.finish = 'again'
      return
    }
    if (row.state !== 'pending') {
      if (how === 'delivered') row.state = 'delivered'
      one.finish = 'next'
      return
    }
    row.tries += 1
    if (how === 'held') {
      row.readyAt = time.now + heldWaitInMs
      one.finish = 'reread'
    } else if (how === 'retry') {
      row.readyAt = time.now + 100
      one.readyAt = row.readyAt
      one.finish = 'wait'
    } else {
      row.state = how
      one.finish = 'next'
    }
  }

  function finish(one: LineAttempt): void {
    attempts = attempts.filter((other) => other !== one)
    if (one.finish === 'wait') reader.noteWait(one.readyAt)
    buffer.finish(one.line, one.finish!)
    reader.fill()
  }

  function obey(then?: () => void): void {
    const heeded = rows.filter(({ isUnheeded }) => isUnheeded)
    buffer.doubt()
    const asked = buffer.waitingNumbers()
    const mark = marks.begin()
    const found = pending()
      .filter(({ number }) => asked.includes(number))
      .map(toDelivery)
    void time.read(found).then(
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
    const position = step()
    const highest = Math.max(
      0,
      ...rows.filter((row) => row.visibleAt! <= newRead.position).map(({ number }) => number),
    )
    const deliveries = found
      .filter(({ state }) => state === 'pending')
      .toSorted((a, b) => a.number - b.number)
      .map(toDelivery)
    void time.read(deliveries).then(
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
      if (earlier(row).length === 0 && (row.readyAt ?? 0) <= time.now) row.state = 'delivered'
    }
  }

  return {
    buffer,
    reader,
    get attempts() {
      return attempts
    },
    get taken() {
      return taken
    },
    take,
    begin,
    settle,
    finish,
    obey,
    readNew,
    losePartition,
    owns: (partition) => partitions.has(partition),
  }
}
