import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import { formatTime } from '../filters/delivery-query.ts'
import type { ActionRequest } from './action-request.ts'

/** An action in a few words. */
export function nameAction(request: ActionRequest): string {
  switch (request.action) {
    case 'resend':
      return 'Resend a delivery'
    case 'cancel':
      return 'Cancel a delivery'
    case 'pause':
      return `Pause ${request.endpointId}`
    case 'resume':
      return `Resume ${request.endpointId}`
    case 'resend-all':
      return `Resend all ${describeFilter(request.filter)}`
    case 'cancel-all':
      return `Cancel all ${describeFilter(request.filter)}`
  }
}

/** What matches, in words. */
function describeFilter({
  state,
  endpointId,
  taskId,
  eventType,
  acceptedFrom,
  acceptedBefore,
}: DeliveryFilter): string {
  const words = [
    state,
    eventType,
    endpointId !== undefined && `at ${endpointId}`,
    taskId !== undefined && `of task ${taskId}`,
    acceptedFrom && `accepted from ${formatTime(acceptedFrom)} UTC`,
    acceptedBefore && `accepted before ${formatTime(acceptedBefore)} UTC`,
  ]
  return words.filter(Boolean).join(' ')
}
