/** What is decided about an endpoint. */
export interface EndpointControl {
  id: string
  /** The revision of the latest decision about it or one of its pending deliveries. */
  revision: number
  paused?: PauseReason
  /** Only an open circuit has it. */
  circuit?: { openForInMs: number; openings: number }
}

/** Why an endpoint is not delivered to. */
export type PauseReason = 'operator' | 'gone'

/** What becomes of a circuit. */
export type CircuitChange =
  | { state: 'closed' }
  | {
      state: 'open'
      /** For how long nothing is attempted; after that, probes are. */
      forInMs: number
      /** How often in a row it has been opened. */
      openings: number
    }
