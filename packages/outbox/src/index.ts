export { channels } from './channels.ts'
export { systemClock } from './clock.ts'
export { createDispatcher } from './dispatcher.ts'
export { OutboxError } from './outbox-error.ts'
export { sqliteLedger } from './sqlite/sqlite-ledger.ts'

export type { AttemptedMessage, CircuitMessage, DeliveryMessage } from './channels.ts'
export type { Circuit } from './circuit-breaker.ts'
export type { Clock } from './clock.ts'
export type {
  AttemptOutcome,
  AttemptRecord,
  AttemptReport,
  AttemptResponseRecord,
  DeliveryRecord,
  DeliveryState,
  NewDelivery,
} from './delivery.ts'
export type { Dispatcher, DispatcherOptions } from './dispatcher.ts'
export type { EndpointSpec } from './endpoint-spec.ts'
export type {
  Acceptance,
  Claim,
  ClaimRequest,
  DeliveryFilter,
  DeliveryPage,
  EndpointRecord,
  Lease,
  Ledger,
  PauseReason,
  Settlement,
} from './ledger.ts'
export type { OutboxErrorCode } from './outbox-error.ts'
export type { SqliteLedgerOptions } from './sqlite/sqlite-ledger.ts'
