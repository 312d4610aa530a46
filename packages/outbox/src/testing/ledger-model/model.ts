import type { ReferenceDeliveries } from './reference-deliveries.ts'
import type { ReferenceDispatchers } from './reference-dispatchers.ts'
import type { ReferenceStarts } from './reference-starts.ts'

/** What a ledger is compared with. */
export interface Model {
  deliveries: ReferenceDeliveries
  dispatchers: ReferenceDispatchers
  starts: ReferenceStarts
  /** The latest epoch of each partition, as the ledger gave it and as the reference did. */
  epochs: Map<string, { real: number; reference: number }>
  now: () => number
  isTransactionOpen: () => boolean
}
