import type { OutboxEndpoints } from '@taskhook/outbox'
import type { TaskDeliveries } from '@taskhook/outbox/tasks'

/** One outbox, sender or inbox, in the words of tasks. */
export interface Source {
  /** As it stands on the pages and in their addresses. */
  name: string
  /** Whether it holds what was received rather than what is sent. */
  isInbox: boolean
  deliveries: TaskDeliveries
  endpoints: OutboxEndpoints
}
