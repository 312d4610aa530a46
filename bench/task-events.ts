import { randomUUID } from 'node:crypto'
import type { EventType } from '@taskhook/core'

/** An event to send. */
export interface TaskEvent {
  taskId: string
  eventType: EventType
}

/** How many events each task has. */
export const eventsOfTask = 4

const eventTypes: readonly EventType[] = [
  'OrderCreated',
  'OrderAccepted',
  'OrderDueDateUpdated',
  'OrderSigned',
]

/** Events of tasks that go on side by side: four of each task, which have to stay in order. */
export function taskEvents(count: number): TaskEvent[] {
  const taskIds = Array.from({ length: Math.ceil(count / eventsOfTask) }, () => randomUUID())
  return eventsOfTasks(taskIds).slice(0, count)
}

/** Four events of each of these tasks, side by side. */
export function eventsOfTasks(taskIds: readonly string[]): TaskEvent[] {
  return eventTypes.flatMap((eventType) => taskIds.map((taskId) => ({ taskId, eventType })))
}
