import type { OutboxChannels } from '../channels.ts'
import type { Clock } from '../clock.ts'
import type { DispatchLedger } from '../ledger.ts'
import type { Company } from './company.ts'
import type { EndpointSpec } from './endpoint-spec.ts'

/** Takes deliveries from a ledger to endpoints, see `createDispatcher`. */
export interface Dispatcher {
  start(): Promise<void>
  /**
   * Begins nothing more, waits for what is under way, ends what takes longer than `timeoutInMs`, and gives its partitions back.
   * Resolves at most a second after the timeout, whatever the attempts do.
   */
  stop(timeoutInMs: number): Promise<void>
  /** Something was accepted: looks for it. */
  wake: () => void
  /** Something was decided about endpoints or deliveries: resolves when this dispatcher goes by it. */
  refresh(): Promise<void>
  /** Takes a delivery that waits in memory out of reach, until the answer is called. */
  hold(id: string): () => void
  /** Delivers to these endpoints from now on. */
  configure(endpoints: readonly EndpointSpec[]): Promise<void>
  /** Whether a delivery's attempt is under way in this process. */
  isInFlight(id: string): boolean
  /** Resolves when nothing is due and nothing is under way here. */
  idle(): Promise<void>
}

/** Options of `createDispatcher`. */
export interface DispatcherOptions {
  id: string
  ledger: DispatchLedger
  endpoints: readonly EndpointSpec[]
  leaseInMs: number
  retentionInMs: number
  clock: Clock
  /** From 0 to 1. */
  random: () => number
  channels: OutboxChannels
  /** The attempts of its process. */
  company: Company
}
