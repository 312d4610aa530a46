import type { OutboxChannels } from '../channels.ts'
import type { Clock } from '../clock.ts'
import type { CircuitChange, DispatchLedger, EndpointControl } from '../ledger.ts'
import type { Company } from './company.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import type { LineBuffer } from './line-buffer.ts'
import type { OwnedPartition } from './owned-partition.ts'
import type { Settler } from './settler.ts'
import type { StartNotes } from './start-notes.ts'

/** Attempts what is in memory of one endpoint, see `createEndpointExecutor`. */
export interface EndpointExecutor {
  /** Begins as many attempts as endpoint, pace and circuit allow. */
  pump(): void
  /** Takes over another configuration; attempts under way go on with the former one. */
  configure(spec: EndpointSpec): void
  /** Takes over what operators and other dispatchers have decided. */
  obey(control: EndpointControl): void
  /** Begins nothing more. */
  stop(): void
  readonly isPaused: boolean
}

/** Options of `createEndpointExecutor`. */
export interface EndpointExecutorOptions {
  spec: EndpointSpec
  buffer: LineBuffer
  /** The partition of an endpoint, while it is owned. */
  partition: (partition: number) => OwnedPartition | undefined
  ledger: Pick<DispatchLedger, 'begin' | 'flush'>
  /** Under which id the dispatcher is registered. */
  memberId: () => string
  settler: Settler
  notes: StartNotes
  clock: Clock
  /** From 0 to 1. */
  random: () => number
  /** Whether this dispatcher may begin attempts: whether it has told the ledger in time that it lives. */
  mayBegin: () => boolean
  /** Called when a settlement was lost: what this dispatcher owns may have changed. */
  onLost: () => void
  /** A delivery waits until then, or a little longer. */
  onWait: (readyAt: number) => void
  /** Called after an attempt was settled: memory may have room, and this endpoint may be idle. */
  onSettled: () => void
  /** Reads what is decided about this endpoint, and goes by it; false when that failed. */
  refresh: () => Promise<boolean>
  /** Writes down the state of the circuit. */
  setCircuit: (change: CircuitChange) => Promise<void>
  /** Told of what fails and is tried again. */
  onFailure: (error: unknown) => void
  channels: OutboxChannels
  /** The attempts of its process. */
  company: Company
}
