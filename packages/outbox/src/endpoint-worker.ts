import { attemptSafely } from './attempt-safely.ts'
import { channels } from './channels.ts'
import { afterAttempt, allowance, asOf, closedCircuit, type Circuit } from './circuit-breaker.ts'
import type { Clock } from './clock.ts'
import type { AttemptReport } from './delivery.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import type { Claim, Lease, Ledger, Settlement } from './ledger.ts'
import { OutboxError } from './outbox-error.ts'
import { fullPace, paceAfter, type Pace } from './pace.ts'
import { settlementOf } from './settlement-of.ts'

/** What the workers of one dispatcher have in common. */
export interface WorkerContext {
  ledger: Ledger
  clock: Clock
  /** From 0 to 1. */
  random: () => number
  owner: string
  leaseInMs: number
}

/** Delivers to one endpoint, see {@link createEndpointWorker}. */
export interface EndpointWorker {
  readonly id: string
  readonly circuit: Circuit
  /** Looks for deliveries that are due. */
  wake(): void
  setPaused(isPaused: boolean): void
  /** What this worker holds: to be renewed. */
  leases(): Lease[]
  /** What this worker holds was renewed. */
  extend(leaseEndsAt: number): void
  /** A lease that was lost, with those of the delivery before it: its attempt is ended, and its outcome not written. */
  lose(lease: Lease): void
  /** Claims no more and gives back what has not begun; resolves when nothing is in flight. */
  drain(): Promise<void>
  /** Ends the attempts in flight; what they were at is given back. */
  abort(): void
}

/** A delivery that this worker has claimed: it waits for its attempt, is in flight, or its outcome is being written. */
interface Held {
  claim: Claim
  leaseEndsAt: number
  controller?: AbortController
  isLost: boolean
}

const firstLedgerRetryInMs = 250
const longestLedgerRetryInMs = 10_000

/**
 * Claims what is due at one endpoint and attempts it, as much at once as endpoint, pace and circuit allow. Each endpoint has a
 * worker of its own, so that what one does takes nothing from the others.
 *
 * As many again are claimed as are attempted, so that an attempt waits for no claim; settlements and the next claim share a
 * commit. A slot is free when the outcome of its attempt is written, so that a process that dies leaves no more than
 * `maxConcurrency` attempts behind that another makes again.
 */
export function createEndpointWorker(
  { id, attempt, maxConcurrency, retryScheduleInMs }: EndpointSpec,
  { ledger, clock, random, owner, leaseInMs }: WorkerContext,
): EndpointWorker {
  let circuit = closedCircuit(clock.now())
  let pace: Pace = fullPace(maxConcurrency)
  let isPaused = false
  let isDraining = false
  let isClaiming = false
  /** Whether something may have fallen due since the last claim. */
  let mayBeDue = true
  const held = new Map<string, Held>()
  /** Those that wait, longest claimed first. */
  const waiting: Held[] = []
  const inFlight = new Set<Held>()
  /** Attempts in flight, and those whose outcome is being written. */
  let busyCount = 0
  let releaseCount = 0
  /** What was written of the circuit last: not known at first, since another process may have left it open. */
  let notedState: Circuit['state'] | undefined
  let cancelTimer: (() => void) | undefined
  let drained: (() => void)[] = []

  function pump(): void {
    circuit = asOf(circuit, clock.now())
    const isStill = isPaused || isDraining
    const allowed = isStill ? 0 : Math.min(Math.floor(pace.limit), allowance(circuit, maxConcurrency))
    while (waiting.length > 0 && busyCount < allowed) {
      const entry = waiting.shift()!
      if (clock.now() < entry.leaseEndsAt) void run(entry)
      else dropEnded(entry)
    }
    if (allowed === 0) giveBack()
    if (isStill) return settleDown()
    if (circuit.state === 'open') return wakeAt(circuit.opensUntil)

    // The probe of a half-open circuit decides; nothing else is claimed before it has.
    const wanted = (circuit.state === 'closed' ? 2 * allowed : 1) - inFlight.size - waiting.length
    if (mayBeDue && !isClaiming && wanted > 0 && wanted >= allowed / 2) void claim(wanted)
  }

  async function claim(limit: number): Promise<void> {
    isClaiming = true
    mayBeDue = false
    try {
      const now = clock.now()
      const leaseEndsAt = now + leaseInMs
      const claims = await ledger.claim({ endpointId: id, limit, owner, now, leaseEndsAt })
      for (const one of claims) {
        // If it is held here still, it ran out of its lease, in a process that did not get to renewing it.
        lose({ id: one.id, token: one.token - 1 })
        const entry = { claim: one, leaseEndsAt, isLost: false }
        held.set(one.id, entry)
        waiting.push(entry)
      }
      if (claims.length === limit) mayBeDue = true
      else wakeAt(await ledger.nextReadyAt(id, clock.now()))
    } catch (error) {
      channels.failed.publish({ error })
      wakeAt(clock.now() + firstLedgerRetryInMs)
    } finally {
      isClaiming = false
      pump()
    }
  }

  /** What this process was too long asleep to begin belongs to whoever claims it now. */
  function dropEnded(entry: Held): void {
    forget(entry)
    mayBeDue = true
  }

  function forget(entry: Held): void {
    const { id: deliveryId } = entry.claim
    if (held.get(deliveryId) === entry) held.delete(deliveryId)
  }

  function wakeAt(time: number | undefined): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (time === undefined || isDraining) return
    cancelTimer = clock.after(Math.max(0, time - clock.now()), wake)
  }

  function wake(): void {
    mayBeDue = true
    pump()
  }

  async function run(entry: Held): Promise<void> {
    const controller = new AbortController()
    entry.controller = controller
    inFlight.add(entry)
    busyCount += 1
    const startedAt = clock.now()
    const report = await attemptSafely(entry.claim, controller.signal, { attempt, clock })
    inFlight.delete(entry)
    const ending = end(entry, report, startedAt)
    // What was just written may have made the next one of its ordering key due.
    mayBeDue = true
    pump()
    await ending
    forget(entry)
    busyCount -= 1
    pump()
  }

  async function end(entry: Held, report: AttemptReport, startedAt: number): Promise<void> {
    const { claim: delivery, controller } = entry
    if (entry.isLost) return
    // Ended by us, so it says nothing of the endpoint and does not count.
    if (controller?.signal.aborted === true && report.outcome === 'retry') return release([delivery])

    const now = clock.now()
    noteOutcome(report, startedAt, now)
    const settlement = settlementOf({
      claim: delivery,
      report,
      retryScheduleInMs,
      startedAt,
      now,
      random: random(),
    })
    const isGone = report.outcome === 'gone'
    if (isGone) isPaused = true
    const [isSettled] = await Promise.all([
      persist(entry, () => ledger.settle(settlement)),
      isGone && persist(entry, () => ledger.pauseEndpoint(id, 'gone', now)),
    ])
    // Again, should somebody have read the list of paused endpoints in between.
    if (isGone) isPaused = true
    if (isSettled !== true) return

    publish(delivery, report, settlement.state)
  }

  /** Tries until the ledger takes it, or the lease is lost: an outcome that is not written means another attempt. */
  async function persist<T>(entry: Held, write: () => Promise<T>): Promise<T | undefined> {
    for (let delayInMs = firstLedgerRetryInMs; !entry.isLost; delayInMs *= 2) {
      try {
        const result = await write()
        // The claim that was made beside the first try did not see what this one makes due.
        if (delayInMs > firstLedgerRetryInMs) wake()
        return result
      } catch (error) {
        channels.failed.publish({ error })
        if (OutboxError.isInstance(error) && error.code === 'ledger_closed') return undefined
        const wait = Math.min(delayInMs, longestLedgerRetryInMs)
        await new Promise<void>((resolve) => void clock.after(wait, resolve))
      }
    }
    return undefined
  }

  function publish(delivery: Claim, report: AttemptReport, state: Settlement['state']): void {
    const { attempted, delivered, exhausted } = channels
    const ended = state === 'delivered' ? delivered : exhausted
    const isEnded = state !== 'pending'
    if (!attempted.hasSubscribers && !(isEnded && ended.hasSubscribers)) return
    const { id: deliveryId, orderingKey, type, tries } = delivery
    const message = { id: deliveryId, endpointId: id, orderingKey, type }
    attempted.publish({ ...message, try: tries + 1, report })
    if (isEnded) ended.publish(message)
  }

  function noteOutcome(report: AttemptReport, startedAt: number, now: number): void {
    pace = paceAfter(pace, { outcome: report.outcome, status: report.status, startedAt, now })
    if (report.outcome === 'gone') return
    const before = circuit.state
    circuit = afterAttempt(circuit, report.outcome === 'delivered', now)
    if (circuit.state !== notedState) noteCircuit(circuit)
    if (circuit.state === before) return
    const { state } = circuit
    const message = { endpointId: id, circuit }
    if (state === 'open') channels.circuitOpened.publish(message)
    if (state === 'closed') channels.circuitClosed.publish(message)
  }

  function noteCircuit({ state, since }: Circuit): void {
    notedState = state
    ledger.noteCircuit(id, { state, since }).catch((error: unknown) => {
      notedState = undefined
      channels.failed.publish({ error })
    })
  }

  function giveBack(): void {
    if (waiting.length === 0) return
    const givenBack = waiting.splice(0)
    for (const entry of givenBack) forget(entry)
    mayBeDue = true
    void release(givenBack.map(({ claim: lease }) => lease))
  }

  async function release(leases: readonly Lease[]): Promise<void> {
    releaseCount += 1
    try {
      await ledger.release(leases, clock.now())
    } catch (error) {
      // The leases end by themselves.
      channels.failed.publish({ error })
    } finally {
      releaseCount -= 1
      settleDown()
    }
  }

  function lose({ id: deliveryId, token }: Lease): void {
    const entry = held.get(deliveryId)
    if (entry === undefined || entry.claim.token > token) return
    entry.isLost = true
    forget(entry)
    if (entry.controller === undefined) waiting.splice(waiting.indexOf(entry), 1)
    else entry.controller.abort()
  }

  function settleDown(): void {
    if (!isDraining || isClaiming || busyCount + releaseCount > 0) return
    for (const resolve of drained) resolve()
    drained = []
  }

  return {
    id,
    get circuit() {
      return asOf(circuit, clock.now())
    },
    wake,
    setPaused(paused) {
      if (isPaused === paused) return
      isPaused = paused
      wake()
    },
    leases: () => [...held.values()].map((entry) => entry.claim),
    extend(leaseEndsAt) {
      for (const entry of held.values()) entry.leaseEndsAt = leaseEndsAt
    },
    lose,
    drain() {
      isDraining = true
      wakeAt(undefined)
      return new Promise((resolve) => {
        drained.push(resolve)
        pump()
      })
    },
    abort() {
      for (const { controller } of inFlight) controller?.abort()
    },
  }
}
