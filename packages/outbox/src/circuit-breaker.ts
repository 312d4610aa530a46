/**
 * The circuit of an endpoint, as a value: `closed` lets attempts through, `open` none until a time, and then
 * `half-open` one probe, which decides.
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open'
  /** When it came into this state, in milliseconds since 1970. */
  readonly since: number
  /** Failures in a row. */
  readonly failures: number
  /** When an open one lets a probe through. */
  readonly opensUntil: number
  /** How often in a row it has been opened. */
  readonly openings: number
}

// An endpoint that is down costs at most this many deliveries one of their attempts, and those in flight beside them.
const failuresToOpen = 5
const firstOpenInMs = 5000
const longestOpenInMs = 5 * 60 * 1000

/** A circuit that has seen nothing. */
export function closedCircuit(now: number): Circuit {
  return { state: 'closed', since: now, failures: 0, opensUntil: 0, openings: 0 }
}

/** The circuit after an attempt that succeeded or failed. */
export function afterAttempt(circuit: Circuit, isSuccess: boolean, now: number): Circuit {
  if (isSuccess) {
    // Attempts that were in flight when it opened say nothing of how the endpoint is now, unless they succeed.
    return circuit.state === 'closed' ? { ...circuit, failures: 0 } : closedCircuit(now)
  }
  if (circuit.state === 'open') return circuit
  const failures = circuit.failures + 1
  if (circuit.state === 'closed' && failures < failuresToOpen) return { ...circuit, failures }
  const openInMs = Math.min(firstOpenInMs * 2 ** circuit.openings, longestOpenInMs)
  return { state: 'open', since: now, failures, opensUntil: now + openInMs, openings: circuit.openings + 1 }
}

/** The circuit as time goes by: one that has been open for long enough is half-open. */
export function asOf(circuit: Circuit, now: number): Circuit {
  if (circuit.state !== 'open' || now < circuit.opensUntil) return circuit
  return { ...circuit, state: 'half-open', since: now }
}

/** How many attempts may be in flight: all that the endpoint takes, one probe, or none. */
export function allowance({ state }: Circuit, maxConcurrency: number): number {
  if (state === 'open') return 0
  return state === 'half-open' ? 1 : maxConcurrency
}
