export { createPurge } from '../dedupe/purge.ts'
export { encodeAttempt, toAttemptRecords } from '../records/attempt-record.ts'
export { checkDeliveries } from '../records/check-deliveries.ts'
export { checkFilter } from '../records/check-filter.ts'
export { toDeliveryRecord } from '../records/delivery-record.ts'
export { toEndpointControl, toEndpointRecord } from '../records/endpoint-record.ts'
export { toConditions } from '../records/filter-conditions.ts'
export { heldWaitInMs } from '../records/held.ts'
export { formatCursor, parseCursor } from '../records/list-cursor.ts'
export { openLookWindow } from '../records/look-window.ts'
export { minuteOf, outcomesKeptInMs } from '../records/outcome-minutes.ts'
export { toOutcomeRecord } from '../records/outcome-record.ts'
export { hashOrderingKey, partitionOf } from '../records/partition-of.ts'
export { toReadDelivery } from '../records/read-delivery.ts'
export { createTurns } from '../records/turns.ts'
export { openSqliteExport } from '../sqlite/export/open-sqlite-export.ts'

export type {
  AttemptOutcome,
  AttemptRecord,
  AttemptResponseRecord,
  DeliveryRecord,
  DeliveryState,
  NewDelivery,
} from '../delivery.ts'
export type {
  Acceptance,
  AttemptEnd,
  AttemptStart,
  AttemptTransaction,
  BacklogRequest,
  CircuitChange,
  DeliveryFilter,
  DeliveryPage,
  DispatcherRecord,
  DispatchLedger,
  DuePosition,
  DueRead,
  DueRequest,
  EndpointControl,
  EndpointListRequest,
  EndpointRecord,
  Ledger,
  LineRequest,
  LiveDispatcher,
  OutcomeRecord,
  Membership,
  NewRead,
  OperatorLedger,
  OwnedPartition,
  PageRequest,
  PartitionKey,
  PauseReason,
  ReadDelivery,
  ReadPosition,
  SettleAnswer,
  SettledAttempt,
  Settlement,
  Versions,
} from '../ledger.ts'
export type { Purge } from '../dedupe/purge.ts'
export type { StoredAttempt } from '../records/attempt-record.ts'
export type { FilterCondition } from '../records/filter-conditions.ts'
export type { StoredState } from '../records/held.ts'
export type { Row } from '../records/row.ts'
export type { Turns } from '../records/turns.ts'
export type { SqliteExportOptions } from '../sqlite/export/open-sqlite-export.ts'
export type { ExportedDelivery, ExportedEndpoint, SqliteExport } from '../sqlite/export/sqlite-export.ts'
