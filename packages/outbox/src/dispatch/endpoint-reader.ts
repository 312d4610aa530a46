import type { Clock } from '../clock.ts'
import type { DispatchLedger, DuePosition, ReadDelivery } from '../ledger.ts'
import type { LineBuffer, Source } from './line-buffer.ts'
import type { Line } from './line.ts'
import { nextTurn } from './next-turn.ts'
import type { ReadMark, ReadMarks } from './read-marks.ts'

/** Brings the deliveries of one endpoint into memory, see {@link createEndpointReader}. */
export interface EndpointReader {
  /** A delivery that the read of everything new has found. */
  offerNew(delivery: ReadDelivery, isLate: boolean, mark: ReadMark): void
  /** Partitions were added: reads from the beginning. What is in memory already is passed. */
  restart(): void
  /** Deliveries were hurried, or the clock was set back: reads again what is due, from the longest due on. */
  restartDue(): void
  /** A delivery waits until then, or a little longer. */
  noteWait: (readyAt: number) => void
  /** Reads what there is room for. */
  fill(): void
  stop(): void
  /** Whether everything that is due is in memory, or has been. */
  readonly isCaughtUp: boolean
}

/** Options of {@link createEndpointReader}. */
export interface EndpointReaderOptions {
  endpointId: string
  ledger: Pick<DispatchLedger, 'readBacklog' | 'readDue' | 'readLines'>
  buffer: LineBuffer
  marks: ReadMarks
  clock: Clock
  /** The partitions that are read. */
  partitions: ReadonlySet<number>
  /** As many lines of each kind as the buffer takes. */
  capacity: () => number
  /** Called when there may be something to attempt. */
  onRead: () => void
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
}

const mostLinesAtOnce = 100
const mostOfLineAtOnce = 8
const firstRetryInMs = 250
const longestRetryInMs = 10_000

/**
 * Reads an endpoint's backlog, its due deliveries, and the rest of lines whose beginning was in memory. It reads each
 * as far as there is room, and the next part when half of it is free. It writes nothing. One read over all endpoints
 * brings new deliveries ({@link EndpointReader.offerNew}). An endpoint without room for them falls behind: from there
 * on it reads its own backlog, until it has caught up.
 */
export function createEndpointReader({
  endpointId,
  ledger,
  buffer,
  marks,
  clock,
  partitions,
  capacity,
  onRead,
  onFailure,
}: EndpointReaderOptions): EndpointReader {
  /** Everything with a higher number may have to be read. `undefined`: nothing is left to read. */
  let behind: number | undefined
  /** What was left to the backlog while a read of it was under way, which may have begun before that was there. */
  let leftToBacklog: number[] = []
  let duePosition: DuePosition | undefined
  /** When something falls due that is not in memory. */
  let dueAt = Number.POSITIVE_INFINITY
  /** The earliest of what was noted since the read of what is due began. */
  let notedAt = Number.POSITIVE_INFINITY
  let lastDueReadAt = Number.NEGATIVE_INFINITY
  let timerAt = Number.POSITIVE_INFINITY
  let cancelTimer: (() => void) | undefined
  let isStopped = false
  // Raised by what makes the answer of a read under way too old to end it.
  let backlogRound = 0
  let dueRound = 0
  const under = { backlog: false, due: false, lines: false }
  const retry = { inMs: firstRetryInMs, at: Number.NEGATIVE_INFINITY }

  /** One read at a time of each kind; one that fails is made again later. */
  async function read(kind: keyof typeof under, operation: (mark: ReadMark) => Promise<void>): Promise<void> {
    under[kind] = true
    const mark = marks.begin()
    try {
      await operation(mark)
      retry.inMs = firstRetryInMs
    } catch (error) {
      onFailure(error)
      retryLater()
    } finally {
      marks.end(mark)
      under[kind] = false
    }
    if (isStopped) return
    onRead()
    // What was read may all have been passed: a hundred thousand of one task would keep this thread from anything else.
    await nextTurn()
    fill()
  }

  function retryLater(): void {
    const at = clock.now() + retry.inMs
    retry.at = at
    clock.after(retry.inMs, () => {
      // A timer may call back a little early.
      if (retry.at === at) retry.at = Number.NEGATIVE_INFINITY
      fill()
    })
    retry.inMs = Math.min(2 * retry.inMs, longestRetryInMs)
  }

  async function readBacklog(mark: ReadMark): Promise<void> {
    const round = backlogRound
    const after = behind!
    const limit = buffer.room('fresh')
    leftToBacklog = []
    const deliveries = await ledger.readBacklog({ endpointId, partitions: [...partitions], after, limit })
    if (round !== backlogRound) return
    const fullAt = deliveries.findIndex((delivery) => offer(delivery, 'backlog', mark) === 'full')
    if (fullAt >= 0) behind = deliveries[fullAt - 1]?.number ?? after
    else behind = deliveries.length < limit ? undefined : deliveries.at(-1)!.number
    goBack(deliveries)
  }

  /** Reads again from the first delivery on that was left to a read of the backlog which has not found it. */
  function goBack(found: readonly ReadDelivery[]): void {
    const numbers = new Set(found.map(({ number }) => number))
    for (const number of leftToBacklog) {
      if (!numbers.has(number) && number <= (behind ?? number)) behind = number - 1
    }
  }

  async function readDue(mark: ReadMark): Promise<void> {
    const round = dueRound
    const limit = buffer.room('due')
    const request = { endpointId, partitions: [...partitions], after: duePosition, limit }
    notedAt = Number.POSITIVE_INFINITY
    const { deliveries, position, isEnd, nextInMs } = await ledger.readDue(request)
    if (round !== dueRound) return
    const isFull = deliveries.filter((delivery) => offer(delivery, 'due', mark) === 'full').length > 0
    // There is room for less than when the read began.
    if (isFull) return restartDue()
    duePosition = position
    lastDueReadAt = clock.now()
    if (isEnd) dueAt = nextInMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + nextInMs
    if (isEnd || notedAt < Number.POSITIVE_INFINITY) noteWait(notedAt)
  }

  function offer(delivery: ReadDelivery, source: Source, mark: ReadMark): ReturnType<LineBuffer['offer']> {
    return partitions.has(delivery.partition) ? buffer.offer(delivery, source, mark) : 'passed'
  }

  function noteWait(readyAt: number): void {
    if (under.due) notedAt = Math.min(notedAt, readyAt)
    // It may have fallen due before the last read, which did not see it, and be behind the position.
    if (readyAt <= lastDueReadAt) restartDue()
    else if (readyAt < dueAt) dueAt = readyAt
    wakeAt(dueAt)
  }

  function restartDue(): void {
    duePosition = undefined
    dueAt = Number.NEGATIVE_INFINITY
    lastDueReadAt = Number.NEGATIVE_INFINITY
    dueRound += 1
  }

  async function readLines(lines: readonly Line[], mark: ReadMark): Promise<void> {
    const requests = lines.map(({ orderingKey, lastNumber }) => ({
      endpointId,
      orderingKey,
      after: lastNumber,
      limit: mostOfLineAtOnce,
    }))
    let answers: ReadDelivery[][] | undefined
    try {
      answers = await ledger.readLines(requests)
    } finally {
      for (const [index, line] of lines.entries()) {
        const deliveries = answers?.[index]
        buffer.endLoad(line, { deliveries, isAll: (deliveries?.length ?? 0) < mostOfLineAtOnce, mark })
      }
    }
  }

  function fill(): void {
    if (isStopped || partitions.size === 0) return
    const now = clock.now()
    if (now < retry.at) return
    if (!under.lines) {
      const lines = buffer.takeLoads(mostLinesAtOnce)
      if (lines.length > 0) void read('lines', (mark) => readLines(lines, mark))
    }
    if (!under.backlog && behind !== undefined && buffer.room('fresh') >= capacity() / 2) {
      void read('backlog', readBacklog)
    }
    if (!under.due && dueAt <= now && buffer.room('due') >= capacity() / 2) void read('due', readDue)
    if (dueAt > now) wakeAt(dueAt)
  }

  function wakeAt(time: number): void {
    if (time === timerAt) return
    cancelTimer?.()
    timerAt = time
    if (isStopped || time === Number.POSITIVE_INFINITY) return
    cancelTimer = clock.after(Math.max(0, time - clock.now()), () => {
      timerAt = Number.POSITIVE_INFINITY
      fill()
    })
  }

  return {
    offerNew(delivery, isLate, mark) {
      const { number } = delivery
      // The backlog comes to it, in its order.
      if (behind !== undefined && number > behind) {
        if (under.backlog) leftToBacklog.push(number)
        // There may be half a million before it that wait for a retry. It does not wait until the backlog has passed them.
        if (buffer.room('fresh') >= capacity() / 2) offer(delivery, 'ahead', mark)
        return
      }
      if (offer(delivery, isLate ? 'late' : 'new', mark) !== 'full') return
      behind = Math.min(behind ?? number - 1, number - 1)
      backlogRound += 1
    },
    restart() {
      behind = 0
      backlogRound += 1
      restartDue()
    },
    restartDue,
    noteWait,
    fill,
    stop() {
      isStopped = true
      wakeAt(Number.POSITIVE_INFINITY)
    },
    get isCaughtUp() {
      if (partitions.size === 0) return true
      const isReading = under.backlog || under.due || under.lines
      return !isReading && behind === undefined && dueAt > clock.now() && buffer.loadCount === 0
    },
  }
}
