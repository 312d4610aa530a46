import type { OutcomeRecord } from '../ledger.ts'
import type { Row } from './row.ts'

/** A row of outcomes as a record. */
export function toOutcomeRecord(row: Row): OutcomeRecord {
  return {
    endpointId: String(row['endpointId']),
    minute: Number(row['minute']),
    delivered: Number(row['delivered']),
    failed: Number(row['failed']),
  }
}
