import { OptionError, WebhookError, type VerifiedWebhook } from '@taskhook/core'
import type { InboxOptions } from './inbox-options.ts'

/** Which task a webhook is of, and what has happened to it. */
export interface WebhookTask {
  taskId: string
  eventType: string
}

/**
 * Finds task and type of a webhook: in the event, or where a schema has made another event of it, in the body.
 *
 * @throws OptionError when there is no task; WebhookError `payload_invalid` for one that no store can hold.
 */
export function findTask<T, E>(
  webhook: VerifiedWebhook<E>,
  { taskIdOf }: Pick<InboxOptions<T, E>, 'taskIdOf'>,
): WebhookTask {
  const event = namesOf(webhook.event)
  const given = taskIdOf?.(webhook) ?? event.taskId
  if (given !== undefined && event.eventType !== undefined) {
    return { taskId: checkTaskId(given), eventType: toStorable(event.eventType) }
  }
  const body = namesOf(JSON.parse(new TextDecoder().decode(webhook.rawBody)))
  return {
    taskId: checkTaskId(given ?? body.taskId ?? body.orderId),
    eventType: toStorable(event.eventType ?? body.eventType ?? ''),
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
  if (typeof taskId !== 'string' || taskId === '') {
    throw new OptionError(
      'taskIdOf',
      'must return the task of this webhook: its event and its body have no taskId',
    )
  }
  if (taskId === toStorable(taskId)) return taskId
  // A 400: it would be refused each time that the sender tries.
  throw new WebhookError(
    'payload_invalid',
    `the taskId has lone surrogates or U+0000, or is longer than ${longestName} characters`,
  )
}

// The store takes 1000 bytes, and a character is three of them at the most.
const longestName = 333

/** A text as every store can hold it. An event type is for filters alone, so what it loses does no harm. */
function toStorable(text: string): string {
  return text.slice(0, longestName).replaceAll('\0', '').toWellFormed()
}
