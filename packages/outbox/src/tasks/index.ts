export { checkIdempotencyKey } from './check-idempotency-key.ts'
export { checkLogger } from './check-logger.ts'
export { createTaskDeliveries } from './create-task-deliveries.ts'
export { keepCause } from './observe/report-cause.ts'
export { inboxWording, senderWording } from './observe/wording.ts'
export { openTaskOutbox } from './open-task-outbox.ts'
export { toTaskRecord } from './to-task-record.ts'

export type { AttemptSummary } from '../operate/operators.ts'
export type { LoggerLike } from './observe/log-messages.ts'
export type { TaskObserver, TaskObserverOptions } from './observe/observe-tasks.ts'
export type { TaskOutbox, TaskOutboxOptions } from './open-task-outbox.ts'
export type { Instrumentation, TracedAttempt } from './observe/traced-attempt.ts'
export type { Wording } from './observe/wording.ts'
export type {
  DeliveryChange,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  TaskDeliveries,
} from './task-deliveries.ts'
export type { TaskRecord } from './to-task-record.ts'
