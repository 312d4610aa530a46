export { channels } from './channels.ts'
export { systemClock } from './clock.ts'
export { createOutbox } from './create-outbox.ts'
export { openLedger } from './open-ledger.ts'
export { OutboxError } from './outbox-error.ts'
export { sqliteLedger } from './sqlite/sqlite-ledger.ts'

export type {
  AttemptedMessage,
  CircuitOpenedMessage,
  DeliveryMessage,
  EndpointMessage,
  EnqueuedMessage,
  FailedMessage,
  OutboxMessage,
  OutboxMessages,
} from './channels.ts'
export type { Clock } from './clock.ts'
export type { OutboxOptions } from './create-outbox.ts'
export type {
  AttemptOutcome,
  AttemptRecord,
  AttemptReport,
  AttemptResponseRecord,
  DeliveryState,
} from './delivery.ts'
export type { AttemptContext, EndpointSpec } from './dispatch/endpoint-spec.ts'
export type { Acceptance, Ledger, PauseReason, ReadDelivery } from './ledger.ts'
export type {
  AttemptSummary,
  CountOptions,
  DeliveryChange,
  DeliveryChangeKind,
  DeliveryDetails,
  DeliveryListFilter,
  DeliverySearch,
  DeliverySummary,
  EndpointListOptions,
  EndpointOutcomes,
  EndpointStatus,
  FollowOptions,
  OutboxDeliveries,
  OutboxEndpoints,
  OutcomesOptions,
  ResendAllOptions,
  WaitsFor,
  WatchOptions,
} from './operate/operators.ts'
export type { OutboxErrorCode } from './outbox-error.ts'
export type { OpenLedgerOptions } from './open-ledger.ts'
export type { Outbox, OutboxRecord } from './outbox.ts'
export type { SqliteLedgerOptions } from './sqlite/sqlite-ledger.ts'
