import type { ReadDelivery } from '../ledger.ts'
import { createDoubts } from './doubts.ts'
import type { Line, LineKind, WaitingDelivery } from './line.ts'
import type { ReadMark } from './read-marks.ts'
import type { LineBuffer, LineBufferOptions, Source } from './line-buffer.ts'

// A task with a hundred thousand events has this many of them in memory.
const mostOfLine = 8
const mostLooksForProbe = 100

/**
 * Keeps the lines of one endpoint that can go on: those whose head may be attempted or is, and some of what is behind them. A line whose
 * head waits for its time is not kept, however many of them there are: the ledger finds it when it is due.
 *
 * It does no I/O. A read may be answered after a settlement that it has not seen; lines that were settled while a read was under
 * way are asked for anew ({@link takeLoads}) rather than believed.
 */
export function createLineBuffer({ marks, capacity, now, onWait }: LineBufferOptions): LineBuffer {
  const lines = new Map<string, Line>()
  const counts = { fresh: 0, due: 0 }
  const ready = { fresh: new Set<Line>(), due: new Set<Line>() }
  const toLoad = new Set<Line>()
  const loading = new Set<Line>()
  /** The ids that are held, each as often as it is, and the lines that would go on with one of them. */
  const heldIds = new Map<string, number>()
  const held = new Set<Line>()
  /** Those that were dropped meanwhile too. */
  const busy = new Set<Line>()
  const doubts = createDoubts(marks)
  let turn: LineKind = 'fresh'

  function create(delivery: ReadDelivery, kind: LineKind, hasMore: boolean): Line {
    const line: Line = {
      orderingKey: delivery.orderingKey,
      partition: delivery.partition,
      kind,
      queue: [],
      lastNumber: 0,
      lastReadBy: undefined,
      hasMore,
      isStale: false,
      isBusy: false,
      hasBegun: false,
      isDropped: false,
    }
    lines.set(line.orderingKey, line)
    counts[kind] += 1
    return line
  }

  function drop(line: Line): void {
    if (line.isDropped) return
    line.isDropped = true
    if (lines.get(line.orderingKey) === line) lines.delete(line.orderingKey)
    counts[line.kind] -= 1
    ready[line.kind].delete(line)
    toLoad.delete(line)
    loading.delete(line)
    held.delete(line)
  }

  function push(line: Line, delivery: ReadDelivery, mark: ReadMark): void {
    line.queue.push(waiting(delivery, mark))
    line.lastNumber = delivery.number
    line.lastReadBy = mark
  }

  function waiting(delivery: ReadDelivery, mark: ReadMark): WaitingDelivery {
    const { readyInMs } = delivery
    if (readyInMs === 0) return { delivery, readyAt: 0, dueAt: 0 }
    // The ledger counts whole milliseconds.
    return { delivery, readyAt: now() + readyInMs, dueAt: mark.time + readyInMs - 1 }
  }

  /** Lets a line go on that is not busy. */
  function goOn(line: Line): void {
    ready[line.kind].delete(line)
    held.delete(line)
    if (line.isStale || (line.queue.length === 0 && line.hasMore)) {
      toLoad.add(line)
      return
    }
    const [head] = line.queue
    if (head === undefined) return drop(line)
    if (heldIds.has(head.delivery.id)) return void held.add(line)
    if (head.readyAt > now()) {
      drop(line)
      return onWait(head.dueAt)
    }
    ready[line.kind].add(line)
  }

  function offerToLine(
    line: Line,
    delivery: ReadDelivery,
    source: Source,
    mark: ReadMark,
  ): 'taken' | 'passed' {
    const { number } = delivery
    // One that was read as the head says that what is in memory before it is over.
    const isHead = delivery.isHead && line.queue.length > 0 && line.queue[0]!.delivery.number !== number
    const known = line.queue.find((one) => one.delivery.number === number)
    // With other tries, its attempt was written down, and maybe more: an operator may have hurried it since.
    if (!isHead && known?.delivery.tries === delivery.tries) return 'passed'
    if (
      source === 'late' ||
      isHead ||
      number <= line.lastNumber ||
      doubts.isDoubtful(line.orderingKey, mark)
    ) {
      line.isStale = true
      if (isAtRest(line)) goOn(line)
    } else if (source === 'ahead' || hasMoreThan(line)) {
      line.hasMore = true
    } else if (source === 'backlog' && line.lastReadBy !== mark) {
      // One that committed late may be before it, and only what is read as new tells of that.
      line.hasMore = true
    } else {
      push(line, delivery, mark)
    }
    return 'taken'
  }

  /** Whether there is something of it, or may be, that is neither in the queue nor still to be read. */
  function hasMoreThan(line: Line): boolean {
    return line.hasMore || line.isStale || loading.has(line) || line.queue.length >= mostOfLine
  }

  function isAtRest(line: Line): boolean {
    return !line.isBusy && !loading.has(line)
  }

  /** A line whose head was not attempted before, among the first ones. */
  function firstUntried(): Line | undefined {
    let looked = 0
    for (const line of ready.fresh) {
      if (line.queue[0]?.delivery.tries === 0) return line
      if ((looked += 1) === mostLooksForProbe) return undefined
    }
    return undefined
  }

  return {
    offer(delivery, source, mark) {
      const line = lines.get(delivery.orderingKey)
      if (line !== undefined) return offerToLine(line, delivery, source, mark)

      const kind: LineKind = source === 'due' ? 'due' : 'fresh'
      if (doubts.isDoubtful(delivery.orderingKey, mark)) {
        if (counts[kind] >= capacity()) return 'full'
        const created = create(delivery, kind, true)
        created.isStale = true
        goOn(created)
        return 'taken'
      }
      // Something before it is pending: that waits for its time, and brings up what is behind it.
      if (!delivery.isHead) return 'passed'
      if (delivery.readyInMs > 0) {
        onWait(waiting(delivery, mark).dueAt)
        return 'passed'
      }
      if (counts[kind] >= capacity()) return 'full'
      // In the order of numbers, everything behind it is still to come. Otherwise some of it may have been passed.
      const created = create(delivery, kind, source !== 'new' && source !== 'backlog')
      push(created, delivery, mark)
      goOn(created)
      return 'taken'
    },

    take(isProbe = false) {
      const other = turn === 'fresh' ? 'due' : 'fresh'
      const line = (isProbe ? firstUntried() : undefined) ?? first(ready[turn]) ?? first(ready[other])
      if (line === undefined) return undefined
      turn = line.kind === 'fresh' ? 'due' : 'fresh'
      ready[line.kind].delete(line)
      line.isBusy = true
      busy.add(line)
      return line
    },

    begin(line) {
      if (line.isDropped || line.isStale || heldIds.has(line.queue[0]!.delivery.id)) return false
      line.hasBegun = true
      return true
    },

    finish(line, how) {
      busy.delete(line)
      line.isBusy = false
      line.hasBegun = false
      if (how !== 'again') doubts.noteSettled(line.orderingKey)
      if (line.isDropped) return
      if (how === 'wait' && !line.isStale) return drop(line)
      if (how === 'next') line.queue.shift()
      if (how === 'reread' || how === 'lost') line.isStale = true
      goOn(line)
    },

    takeLoads(limit) {
      const taken: Line[] = []
      for (const line of toLoad) {
        if (taken.length === limit) break
        toLoad.delete(line)
        loading.add(line)
        if (line.isStale) Object.assign(line, { queue: [], lastNumber: 0, isStale: false })
        line.hasMore = false
        taken.push(line)
      }
      return taken
    },

    endLoad(line, { deliveries, isAll, mark }) {
      loading.delete(line)
      if (line.isDropped) return
      if (deliveries === undefined) line.isStale = true
      for (const delivery of deliveries ?? []) push(line, delivery, mark)
      // One that committed late is before it.
      if (line.queue[0]?.delivery.isHead === false) line.isStale = true
      if (!isAll) line.hasMore = true
      goOn(line)
    },

    dropPartition(partition) {
      for (const line of lines.values()) if (line.partition === partition) drop(line)
    },

    hold(id) {
      heldIds.set(id, (heldIds.get(id) ?? 0) + 1)
      for (const kind of ['fresh', 'due'] as const) {
        for (const line of ready[kind]) if (line.queue[0]!.delivery.id === id) goOn(line)
      }
      return () => {
        const count = heldIds.get(id)! - 1
        if (count > 0) return void heldIds.set(id, count)
        heldIds.delete(id)
        for (const line of held) {
          if (line.queue[0]?.delivery.id !== id) continue
          line.isStale = true
          goOn(line)
        }
      }
    },

    waitingNumbers() {
      const numbers: number[] = []
      for (const line of lines.values()) {
        for (const { delivery } of line.hasBegun ? line.queue.slice(1) : line.queue)
          numbers.push(delivery.number)
      }
      return numbers
    },

    doubt() {
      doubts.noteDecided()
      for (const line of loading) line.isStale = true
    },

    recheck(asked, pending, mark) {
      const isAsked = new Set(asked)
      const found = new Map(pending.map((delivery) => [delivery.number, waiting(delivery, mark)]))
      for (const line of lines.values()) {
        const before = line.queue
        // It was attempted since, and is here again.
        if (doubts.isDoubtful(line.orderingKey, mark)) line.isStale = true
        line.queue = before.flatMap((one, index) => {
          const { number } = one.delivery
          if (!isAsked.has(number)) return [one]
          const current = found.get(number)
          if (index > 0 || !line.isBusy) return current ?? []
          // It was taken for an attempt. If that has not begun, it must not any more.
          if (current === undefined && !line.hasBegun) line.isStale = true
          return [one]
        })
        if ((line.isStale || line.queue.length < before.length) && isAtRest(line)) goOn(line)
      }
    },

    isBusyWith: (id) => [...busy].some((line) => line.queue[0]?.delivery.id === id),
    room: (kind) => Math.max(0, capacity() - counts[kind]),
    get lineCount() {
      return lines.size
    },
    get readyCount() {
      return ready.fresh.size + ready.due.size
    },
    get busyCount() {
      return busy.size
    },
    get loadCount() {
      return toLoad.size + loading.size + held.size
    },
  }
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  for (const item of set) return item
  return undefined
}
