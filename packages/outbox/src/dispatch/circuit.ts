import type { AttemptReport } from '../delivery.ts'

/**
 * The circuit of an endpoint, as a value. It judges the endpoint, not a task: it opens when no answer shows that the
 * endpoint is there. A single success closes it. So does an answer that refuses one delivery (a 4xx other than 429),
 * because an endpoint that refuses is there. `closed` lets attempts through. `open` lets none through until a time.
 * `half-open` lets a few probes through, which decide. Times are of a monotonic clock, in milliseconds.
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open'
  /** Whether there ever was a sign of life. */
  readonly wasAlive: boolean
  /** Failures since the last sign of life, those alone that say something new. */
  readonly failures: number
  /** How many of them were no answer at all. */
  readonly unreachable: number
  readonly firstFailureAt: number
  /** When an open one becomes half-open. */
  readonly openUntil: number
  /** How often in a row it has been opened. */
  readonly openings: number
  /** Probes of a half-open one that are under way, and those that may still begin. */
  readonly probesUnderWay: number
  readonly probesLeft: number
}

/** What an attempt says about its endpoint. */
export type Sign = 'alive' | 'failing' | 'unreachable'

/** An attempt, as the circuit sees it. */
export interface CircuitAttempt {
  /** Whether its delivery was not attempted before. */
  isFirstTry: boolean
  /** Of which half-open circuit it is a probe, see {@link probeOf}. */
  probeOf: number | undefined
}

// Both must be met. So a burst of failures of some tasks does not open it while others succeed: with one success in this time it
// stays closed, whatever share of the attempts fails. And a delivery that failed before says nothing new of an endpoint that others
// have reached: at low rates, a few tasks that are always refused would be all that is seen for minutes.
const unreachableToOpen = { failures: 5, timeInMs: 2000 }
const failingToOpen = { failures: 10, timeInMs: 5000 }
const firstOpenInMs = 1000
// And not for longer: most of the tasks may be refused while the others are not, and a probe of those closes it. What an endpoint that
// is down gets, some requests in ten seconds, is no load.
const longestOpenInMs = 10_000
// Of different tasks. One alone could be of a task that the endpoint always refuses.
const firstProbes = 3
const mostProbes = 16

/** A circuit that has seen nothing. */
export const closedCircuit: Circuit = {
  state: 'closed',
  wasAlive: false,
  failures: 0,
  unreachable: 0,
  firstFailureAt: 0,
  openUntil: 0,
  openings: 0,
  probesUnderWay: 0,
  probesLeft: 0,
}

const aliveCircuit: Circuit = { ...closedCircuit, wasAlive: true }

/** What an attempt says about its endpoint: 429 and 5xx are of the endpoint, every other status is of the delivery. */
export function readSign({ outcome, status, errorCode }: AttemptReport): Sign {
  if (outcome !== 'retry') return 'alive'
  if (status === undefined) return 'unreachable'
  // An answer that broke off is no sign of life, whatever its status.
  if (errorCode !== undefined && status < 400) return 'unreachable'
  return status === 429 || status >= 500 ? 'failing' : 'alive'
}

/** Of which half-open circuit an attempt that begins now is a probe: which opening in a row it was. */
export function probeOf({ state, openings }: Circuit): number | undefined {
  return state === 'half-open' ? openings : undefined
}

/** The circuit after an attempt has begun. */
export function beginAttempt(circuit: Circuit): Circuit {
  if (circuit.state !== 'half-open') return circuit
  return {
    ...circuit,
    probesUnderWay: circuit.probesUnderWay + 1,
    probesLeft: circuit.probesLeft - 1,
  }
}

/** The circuit after an attempt has ended. */
export function endAttempt(circuit: Circuit, sign: Sign, attempt: CircuitAttempt & { now: number }): Circuit {
  if (sign === 'alive')
    return circuit.state === 'closed' && circuit.failures === 0 && circuit.wasAlive ? circuit : aliveCircuit
  const { now, isFirstTry } = attempt
  if (circuit.state === 'closed') {
    if (circuit.wasAlive && !isFirstTry) return circuit
    const failed = countFailure(circuit, sign, now)
    return hasFailedEnough(failed, now) ? open(failed, now) : failed
  }
  // Attempts that were under way when it opened say nothing new, unless they succeed.
  if (!isProbe(circuit, attempt)) return circuit
  const failed = countFailure(circuit, sign, now)
  const probesUnderWay = Math.max(0, circuit.probesUnderWay - 1)
  return probesUnderWay > 0 ? { ...failed, probesUnderWay } : open(failed, now)
}

/** The circuit after an attempt was given up by this process, which says nothing about the endpoint. */
export function abandonAttempt(circuit: Circuit, attempt: Pick<CircuitAttempt, 'probeOf'>): Circuit {
  if (!isProbe(circuit, attempt)) return circuit
  return {
    ...circuit,
    probesUnderWay: Math.max(0, circuit.probesUnderWay - 1),
    probesLeft: circuit.probesLeft + 1,
  }
}

/** The circuit as time goes by: one that has been open for long enough is half-open. */
export function letTimePass(circuit: Circuit, now: number): Circuit {
  if (circuit.state !== 'open' || now < circuit.openUntil) return circuit
  const probesLeft = Math.min(mostProbes, firstProbes + circuit.openings - 1)
  return { ...circuit, state: 'half-open', probesUnderWay: 0, probesLeft }
}

/** An open circuit, as another dispatcher has decided. */
export function adoptOpen(
  circuit: Circuit,
  given: { openForInMs: number; openings: number },
  now: number,
): Circuit {
  return {
    ...closedCircuit,
    wasAlive: circuit.wasAlive,
    state: 'open',
    openUntil: now + given.openForInMs,
    openings: given.openings,
  }
}

/** How many attempts may begin, of those that the endpoint takes besides what is under way: all, some probes, or none. */
export function allowance({ state, probesLeft }: Circuit, free: number): number {
  if (state === 'closed') return free
  return state === 'open' ? 0 : Math.min(free, probesLeft)
}

function isProbe({ state, openings }: Circuit, attempt: Pick<CircuitAttempt, 'probeOf'>): boolean {
  return state === 'half-open' && attempt.probeOf === openings
}

function countFailure(circuit: Circuit, sign: Sign, now: number): Circuit {
  return {
    ...circuit,
    failures: circuit.failures + 1,
    unreachable: circuit.unreachable + (sign === 'unreachable' ? 1 : 0),
    firstFailureAt: circuit.failures === 0 ? now : circuit.firstFailureAt,
  }
}

function hasFailedEnough({ failures, unreachable, firstFailureAt }: Circuit, now: number): boolean {
  const isUnreachable = unreachable === failures
  const limit = isUnreachable ? unreachableToOpen : failingToOpen
  return failures >= limit.failures && now - firstFailureAt >= limit.timeInMs
}

function open(circuit: Circuit, now: number): Circuit {
  const openInMs = Math.min(firstOpenInMs * 2 ** circuit.openings, longestOpenInMs)
  return {
    ...circuit,
    state: 'open',
    openUntil: now + openInMs,
    openings: circuit.openings + 1,
    probesUnderWay: 0,
    probesLeft: 0,
  }
}
