import type { AttemptReport } from '../delivery.ts'
import type { CircuitChange, ReadDelivery, SettleAnswer, Settlement } from '../ledger.ts'
import { attemptGuarded, crashReport } from './attempt-guarded.ts'
import { attemptSafely } from './attempt-safely.ts'
import { attemptWithin, type AttemptWithin } from './attempt-within.ts'
import {
  abandonAttempt,
  adoptOpen,
  allowance,
  beginAttempt,
  closedCircuit,
  endAttempt,
  letTimePass,
  probeOf,
  readSign,
} from './circuit.ts'
import { decideSettlement } from './decide-settlement.ts'
import type { EndpointExecutor, EndpointExecutorOptions } from './endpoint-executor.ts'
import type { Finish } from './line-buffer.ts'
import type { Line } from './line.ts'
import type { OwnedPartition } from './owned-partition.ts'
import { fullPace, paceAfter } from './pace.ts'
import { publishAttempt } from './publish-attempt.ts'

const askAgainInMs = 250

/**
 * Delivers to one endpoint what its buffer has. Each endpoint has an executor of its own, so that what one does takes nothing
 * from the others.
 *
 * A slot is free when the outcome of its attempt is committed, so that a process that dies leaves no more than `maxConcurrency`
 * attempts behind that another makes again; a machine that loses its power, no more than twice as many. What comes next of its ordering
 * key waits for the disk.
 */
export function createEndpointExecutor({
  spec: firstSpec,
  buffer,
  partition: findPartition,
  ledger,
  memberId,
  settler,
  notes,
  clock,
  random,
  mayBegin,
  onLost,
  onWait,
  onSettled,
  refresh,
  setCircuit,
  onFailure,
  channels,
  company,
}: EndpointExecutorOptions): EndpointExecutor {
  let spec = firstSpec
  const endpointId = spec.id
  let circuit = closedCircuit
  let pace = fullPace(spec.maxConcurrency)
  let isPaused = false
  /** Attempts that found it gone, as long as the ledger's word on that is not known here. */
  let goneCount = 0
  let isStopped = false
  let cancelTimer: (() => void) | undefined
  /** Attempts whose outcome is committed, and on its way to the disk. */
  let committedCount = 0
  /** While the ledger does not know yet what was decided here, what it says is older. */
  let circuitWrites = 0

  function mayAttempt(): boolean {
    return !isStopped && !isPaused && goneCount === 0 && mayBegin()
  }

  /** Asked when an attempt begins, which may have waited since its line was taken: the lease may have ended, or it was canceled. */
  function mayBeginNow({ line }: BegunAttempt): boolean {
    return mayAttempt() && buffer.begin(line)
  }

  function pump(): void {
    if (buffer.readyCount === 0 || !mayAttempt()) return
    circuit = letTimePass(circuit, clock.now())
    if (circuit.state === 'open') return wakeAt(circuit.openUntil)
    for (;;) {
      const limit = Math.floor(pace.limit)
      const free = limit - buffer.busyCount + Math.min(committedCount, limit)
      if (allowance(circuit, free) <= 0) return
      const line = buffer.take(circuit.state === 'half-open')
      if (line === undefined) return
      const probe = probeOf(circuit)
      circuit = beginAttempt(circuit)
      void run(line, probe)
    }
  }

  function wakeAt(time: number): void {
    cancelTimer?.()
    cancelTimer = clock.after(Math.max(0, time - clock.now()), pump)
  }

  async function run(line: Line, probe: number | undefined): Promise<void> {
    const { delivery } = line.queue[0]!
    const partition = findPartition(line.partition)!
    partition.busyCount += 1
    const begun = { line, delivery, partition, startedAt: clock.now(), probeOf: probe }
    const how = spec.crashLimit === undefined ? await makeAndEnd(begun) : await guard(begun, spec.crashLimit)
    buffer.finish(line, how)
    partition.busyCount -= 1
    if (partition.busyCount === 0) partition.onQuiet?.()
    pump()
    onSettled()
  }

  async function makeAndEnd(begun: BegunAttempt): Promise<Finish> {
    const made = await make(begun)
    return made === undefined ? abandon(begun) : end({ ...begun, ...made })
  }

  async function guard(begun: BegunAttempt, crashLimit: number): Promise<Finish> {
    const { delivery, partition } = begun
    const attempt = (): Promise<Finish> => makeAndEnd({ ...begun, startedAt: clock.now() })
    const giveUp = (crashes: number): Promise<Finish> =>
      end({ ...begun, report: crashReport(crashes), isAbandoned: false, isLast: true })
    return attemptGuarded({
      delivery,
      partition,
      crashLimit,
      notes,
      company,
      clock,
      signal: partition.controller.signal,
      attempt,
      giveUp,
      onFailure,
    })
  }

  async function make(begun: BegunAttempt): Promise<AttemptWithin | undefined> {
    const { delivery, partition } = begun
    const { signal } = partition.controller
    if (spec.transaction !== true) {
      if (!mayBeginNow(begun)) return undefined
      return attemptSafely(spec, delivery, { signal, clock, context: { attempt: delivery.tries + 1 } })
    }
    const mayAttemptNow = (): boolean => mayBeginNow(begun)
    const decide = (report: AttemptReport): Settlement => decideEnd(begun, report)
    const given = { ledger, memberId, clock, signal, mayAttempt: mayAttemptNow, decide, onFailure }
    return attemptWithin(spec, delivery, given)
  }

  function decideEnd(
    { delivery, partition, startedAt }: BegunAttempt,
    report: AttemptReport,
    retryScheduleInMs: readonly number[] = spec.retryScheduleInMs,
  ): Settlement {
    return decideSettlement({
      delivery,
      epoch: partition.epoch,
      report,
      retryScheduleInMs,
      whenExhausted: spec.whenExhausted ?? 'continue',
      startedAgoInMs: clock.now() - startedAt,
      random: random(),
    })
  }

  /** Ended by this process, so it says nothing of the endpoint and does not count. */
  function abandon(attempt: BegunAttempt): Finish {
    circuit = abandonAttempt(circuit, attempt)
    return 'again'
  }

  async function end(attempt: EndedAttempt): Promise<Finish> {
    const { delivery, partition, report } = attempt
    if (report.outcome === 'retry' && partition.controller.signal.aborted) return abandon(attempt)
    const now = clock.now()
    if (attempt.isLast !== true) judge(attempt, now)
    const settlement = decideEnd(attempt, report, attempt.isLast === true ? [] : undefined)
    const answer = attempt.answer ?? (await settle(settlement, partition))
    if (report.outcome === 'gone') void learnGone()
    if (answer === 'lost') {
      onLost()
      return 'lost'
    }
    publishAttempt(channels, delivery, { report, state: answer, retryInMs: settlement.retryInMs })
    // Its line stays with it, until an operator has decided. That may be so already, and been read before this answer came: with the tries that it
    // has here, if this was the first attempt.
    if (answer === 'held') return 'reread'
    if (answer === 'pending') {
      onWait(now + (settlement.retryInMs ?? 0))
      return 'wait'
    }
    return answer === settlement.state || answer === 'canceled' ? 'next' : 'reread'
  }

  async function settle(settlement: Settlement, partition: OwnedPartition): Promise<SettleAnswer> {
    let isCommitted = false
    const answer = await settler.settle(settlement, partition, () => {
      isCommitted = true
      committedCount += 1
      pump()
      // A slot is left that only what waits for the disk could use.
      if (buffer.busyCount - committedCount < Math.floor(pace.limit)) ledger.flush()
    })
    if (isCommitted) committedCount -= 1
    return answer
  }

  /** What the attempt says about the endpoint. */
  function judge({ delivery, report, startedAt, probeOf: probe }: EndedAttempt, now: number): void {
    pace = paceAfter(pace, report, { startedAt, now })
    if (report.outcome === 'gone') {
      goneCount += 1
      channels.publish('gone', { endpointId })
      return
    }
    const before = circuit
    circuit = endAttempt(circuit, readSign(report), { isFirstTry: delivery.tries === 0, probeOf: probe, now })
    if (circuit.state === before.state) return
    if (circuit.state === 'open') {
      const { openUntil, openings } = circuit
      const forInMs = openUntil - now
      void writeCircuit({ state: 'open', forInMs, openings })
      channels.publish('circuitOpened', { endpointId, forInMs, openings })
      wakeAt(openUntil)
    } else if (circuit.state === 'closed') {
      void writeCircuit({ state: 'closed' })
      channels.publish('circuitClosed', { endpointId })
    }
  }

  /** It may be lost, or an operator have resumed the endpoint already: whether it is paused now, the ledger knows. */
  async function learnGone(): Promise<void> {
    while (!(await refresh()) && !isStopped) {
      await new Promise<void>((resolve) => void clock.after(askAgainInMs, resolve))
    }
    goneCount -= 1
    pump()
    onSettled()
  }

  async function writeCircuit(change: CircuitChange): Promise<void> {
    circuitWrites += 1
    await setCircuit(change)
    circuitWrites -= 1
  }

  return {
    pump,
    configure(next) {
      if (next.maxConcurrency !== spec.maxConcurrency) pace = fullPace(next.maxConcurrency)
      spec = next
      pump()
    },
    obey({ paused, circuit: decided }) {
      isPaused = paused !== undefined
      if (circuitWrites === 0) {
        if (decided === undefined && circuit.state !== 'closed') circuit = closedCircuit
        if (decided !== undefined && circuit.state === 'closed')
          circuit = adoptOpen(circuit, decided, clock.now())
      }
      pump()
    },
    stop() {
      isStopped = true
      cancelTimer?.()
    },
    get isPaused() {
      return isPaused || goneCount > 0
    },
  }
}

interface BegunAttempt {
  line: Line
  delivery: ReadDelivery
  partition: OwnedPartition
  startedAt: number
  probeOf: number | undefined
}

type EndedAttempt = BegunAttempt &
  AttemptWithin & {
    /** Whether there is none after it, whatever the schedule says. */
    isLast?: boolean
  }
