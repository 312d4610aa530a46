import type { EventType } from '@taskhook/core'

/** One event on its way to one endpoint. */
export interface Delivery {
  /** The same at each attempt, so that receivers can tell a repeat. Visible ASCII without a dot. */
  id: string
  /** The task that changed, 1 to 255 characters. */
  taskId: string
  eventType: EventType
}
