export { checkIdempotencyKey } from './check-idempotency-key.ts'
export { createTaskDeliveries } from './create-task-deliveries.ts'
export { toTaskRecord } from './to-task-record.ts'

export type { AttemptSummary } from '../operate/operators.ts'
export type {
  DeliveryDetails,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  TaskDeliveries,
} from './task-deliveries.ts'
export type { TaskRecord } from './to-task-record.ts'
