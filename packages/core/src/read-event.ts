import type { StandardSchemaV1 } from '@standard-schema/spec'
import { andThen } from './and-then.ts'
import { parseJson, parseWithoutPrototypes, readValidation } from './payload.ts'
import { fastTaskEventSchema, type TaskEvent } from './task-event.ts'
import { WebhookError } from './webhook-error.ts'

/**
 * Reads the event of a body that was verified before, as a verifier does: of a stored webhook, for instance.
 *
 * @param schema Any Standard Schema. Default `taskEventSchema`.
 * @throws WebhookError `body_empty`, `body_not_json`, `payload_invalid`, `task_id_mismatch`, `event_type_unknown`.
 */
export function readEvent<E = TaskEvent>(
  body: Uint8Array,
  schema?: StandardSchemaV1<unknown, E>,
): E | Promise<E> {
  const payload = parseJson(body, schema === undefined ? JSON.parse : parseWithoutPrototypes)
  const used = schema ?? (fastTaskEventSchema as unknown as StandardSchemaV1<unknown, E>)
  return andThen(used['~standard'].validate(payload), (result) => {
    const parsed = readValidation<E>(payload, result)
    if ('event' in parsed) return parsed.event
    throw new WebhookError('event_type_unknown', 'the event type is not known here', {
      issues: parsed.issues,
    })
  })
}
