import { randomUUID } from 'node:crypto'
import type { EventType } from '@taskhook/core'

const eventTypes: readonly EventType[] = [
  'OrderCreated',
  'OrderAccepted',
  'OrderDueDateUpdated',
  'OrderSigned',
]

/** Events of tasks that go on side by side: four of each task, which have to stay in order. */
export function taskEvents(count: number): { taskId: string; eventType: EventType }[] {
  const taskIds = Array.from({ length: Math.ceil(count / eventTypes.length) }, () => randomUUID())
  return eventTypes.flatMap((eventType) => taskIds.map((taskId) => ({ taskId, eventType }))).slice(0, count)
}
