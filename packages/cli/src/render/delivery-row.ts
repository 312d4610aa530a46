import type { DeliverySummary } from '@taskhook/outbox/tasks'
import { printable } from '../output/printable.ts'
import type { Style } from '../output/style.ts'
import { describeOutcome } from './describe-attempt.ts'
import { formatMoment } from './format-moment.ts'
import { paintState } from './paint-state.ts'

/** The head of a table of deliveries. */
export const deliveryHead: readonly string[] = [
  'ACCEPTED',
  'TASK',
  'EVENT',
  'ENDPOINT',
  'STATE',
  'ATTEMPTS',
  'LAST',
  'ID',
]

/** A delivery as a row of a table. */
export function toDeliveryRow(delivery: DeliverySummary, style: Style): string[] {
  const { acceptedAt, taskId, eventType, endpointId, state, waitsFor, attemptCount, lastAttempt, id } =
    delivery
  return [
    formatMoment(acceptedAt),
    printable(taskId),
    printable(eventType),
    printable(endpointId),
    paintState(state, style) + (waitsFor === undefined ? '' : ` (${waitsFor})`),
    String(attemptCount),
    describeOutcome(lastAttempt),
    printable(id),
  ]
}
