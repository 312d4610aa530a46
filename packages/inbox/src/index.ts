export { createInbox } from './create-inbox.ts'
export { OutboxError, openLedger } from '@taskhook/outbox'

export type { IdleOptions, Inbox, InboxContext, InboxHandler, StopOptions } from './inbox.ts'
export type { InboxOptions } from './inbox-options.ts'
export type { EndpointStatus, Ledger, OutboxEndpoints, WaitsFor } from '@taskhook/outbox'
export type {
  AttemptSummary,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  LoggerLike,
  TaskDeliveries,
} from '@taskhook/outbox/tasks'
