import type { EndpointRecord } from '../../ledger.ts'
import type { StoredState } from '../../records/held.ts'

/** The outbox in a SQLite file, to be moved to another ledger: nothing else writes to the file before this is closed. */
export interface SqliteExport {
  /** What it was moved to before, if it was. Then there is nothing to read. */
  readonly movedTo: string | undefined
  /** All deliveries, in the order accepted or resent, some at a time. */
  readDeliveries(): Generator<ExportedDelivery[]>
  readEndpoints(): ExportedEndpoint[]
  /** Takes the tables out of the way of those who deliver from them, and notes where they were moved to; {@link commit} makes it so. */
  setAside(movedTo: string): void
  commit(): void
  /** Changes nothing that was not committed. */
  close(): void
}

/** A delivery with everything that is stored of it. Times are milliseconds since 1970. */
export interface ExportedDelivery {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  payload: string
  idempotencyKey: string | null
  context: string | null
  state: StoredState
  acceptedAt: number
  /** When a pending delivery may be attempted that was told to wait, and how long it was told to. */
  readyAt: number | null
  waitInMs: number | null
  /** Attempts since it was accepted or resent. */
  tries: number
  lastStatus: number | null
  lastErrorCode: string | null
  settledAt: number | null
  /** The JSON of each attempt, the first one first: what `toAttemptRecords` takes. */
  attempts: string[]
}

/** What is stored about an endpoint, with the row of its circuit. */
export interface ExportedEndpoint extends Pick<
  EndpointRecord,
  'id' | 'paused' | 'lastSuccessAt' | 'lastFailureAt'
> {
  circuit: { since: number; until?: number; openings: number }
}
