import { encodeTaskEvent, type TaskEvent } from '@taskhook/core'
import type { OutboxRecord } from '../outbox.ts'
import { checkStorable } from './check-storable.ts'

/** What an outbox is given of a task's event. */
export type TaskRecord = Pick<OutboxRecord, 'orderingKey' | 'type' | 'payload'>

/**
 * An event as an outbox keeps it: its task is the ordering key, and the wire body is the payload.
 *
 * @throws OptionError for an event that is none, or whose task cannot be stored.
 */
export function toTaskRecord(event: Pick<TaskEvent, 'taskId' | 'eventType'>): TaskRecord {
  const payload = encodeTaskEvent(event)
  checkStorable('taskId', event.taskId)
  return { orderingKey: event.taskId, type: event.eventType, payload }
}
