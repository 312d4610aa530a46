import { OptionError, type VerifiedWebhook } from '@taskhook/core'
import type { InboxOptions } from './inbox-options.ts'

/** Which task a webhook is of, and what has happened to it. */
export interface WebhookTask {
  taskId: string
  eventType: string
}

/**
 * Finds task and type of a webhook: in the event, or where a schema has made another event of it, in the body.
 *
 * @throws OptionError when there is no task.
 */
export function findTask<T, E>(
  webhook: VerifiedWebhook<E>,
  { taskIdOf }: Pick<InboxOptions<T, E>, 'taskIdOf'>,
): WebhookTask {
  const event = namesOf(webhook.event)
  const given = taskIdOf?.(webhook) ?? event.taskId
  if (given !== undefined && event.eventType !== undefined) {
    return { taskId: checkTaskId(given), eventType: event.eventType }
  }
  const body = namesOf(JSON.parse(new TextDecoder().decode(webhook.rawBody)))
  return {
    taskId: checkTaskId(given ?? body.taskId ?? body.orderId),
    eventType: event.eventType ?? body.eventType ?? '',
  }
}

function namesOf(value: unknown): { taskId?: string; orderId?: string; eventType?: string } {
  if (typeof value !== 'object' || value === null) return {}
  const { taskId, orderId, eventType } = value as Record<string, unknown>
  return {
    ...(typeof taskId === 'string' && { taskId }),
    ...(typeof orderId === 'string' && { orderId }),
    ...(typeof eventType === 'string' && { eventType }),
  }
}

function checkTaskId(taskId: unknown): string {
  if (typeof taskId === 'string' && taskId !== '') return taskId
  throw new OptionError('taskIdOf', 'must give the task of a webhook: its event and its body have no taskId')
}
