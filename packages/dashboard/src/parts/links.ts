import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import { formatDeliveryQuery } from '../filters/delivery-query.ts'

// All pages are beside each other, and all links relative: below any path, and behind a proxy that cuts it off, they are right.

/** The address of a task's page. */
export function linkToTask(taskId: string): string {
  return `task?${new URLSearchParams({ id: taskId }).toString()}`
}

/** The address of a delivery's page. */
export function linkToDelivery(outbox: string, id: string): string {
  return `delivery?${new URLSearchParams({ outbox, id }).toString()}`
}

/** The address of the list of all that match. */
export function linkToDeliveries(outbox: string, filter: DeliveryFilter): string {
  return `deliveries?${formatDeliveryQuery(outbox, filter).toString()}`
}

/** The address of the page that shows what an action would do. */
export function linkToPreview(action: string, params: URLSearchParams | Record<string, string>): string {
  const query = new URLSearchParams({ do: action })
  for (const [name, value] of new URLSearchParams(params)) query.append(name, value)
  return `action?${query.toString()}`
}
