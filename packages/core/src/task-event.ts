import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod'
import { eventTypes, isEventType, type EventType } from './event-type.ts'
import { OptionError } from './option-error.ts'

/** One change of one task, as a receiver's handler gets it. */
export interface TaskEvent {
  /** The task that changed, 1 to 255 characters, no control characters. */
  taskId: string
  eventType: EventType
  /** @deprecated The same value as {@link TaskEvent.taskId}; it goes away with the specification's next version. */
  orderId: string
}

/** Marks the issue of two ids that differ, for {@link isTaskIdMismatch} to find. */
const mismatch = 'task_id_mismatch'

const maxIdLength = 255
// They break log lines and headers, and databases refuse U+0000.
const controlCharacter = /\p{Cc}/u
const id = z
  .string()
  .min(1)
  .max(maxIdLength)
  .refine((text) => !controlCharacter.test(text), 'must not have control characters')

/**
 * The wire JSON of an event, as zod schema: `taskId` and `orderId` may both be there, or either one alone, and come
 * out as the same value. Unknown properties are dropped, so that a newer sender does not break an older receiver.
 */
export const taskEventSchema: z.ZodType<TaskEvent> = z
  .object({ taskId: id.optional(), eventType: z.enum(eventTypes), orderId: id.optional() })
  .transform(({ taskId, eventType, orderId }, context): TaskEvent => {
    const value = taskId ?? orderId
    if (value === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['taskId'],
        message: 'either taskId or orderId must be there',
      })
      return z.NEVER
    }
    if (orderId !== undefined && orderId !== value) {
      context.addIssue({
        code: 'custom',
        path: ['orderId'],
        message: 'taskId and orderId must be the same',
        params: { reason: mismatch },
      })
      return z.NEVER
    }
    return { taskId: value, eventType, orderId: value }
  })

/**
 * The schema as receivers use it. A valid event is read without zod, at a tenth of the cost. Everything else goes to
 * {@link taskEventSchema}, which says what is wrong. A property test checks that both give the same result.
 */
export const fastTaskEventSchema: StandardSchemaV1<unknown, TaskEvent> = {
  '~standard': {
    version: 1,
    vendor: 'taskhook',
    validate(payload) {
      const value = readTaskEvent(payload)
      return value === undefined ? taskEventSchema['~standard'].validate(payload) : { value }
    },
  },
}

function readTaskEvent(payload: unknown): TaskEvent | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { taskId, orderId, eventType } = payload as Record<string, unknown>
  const value = taskId === undefined ? orderId : taskId
  if (!isTaskId(value)) return undefined
  if ((orderId !== undefined && orderId !== value) || !isEventType(eventType)) return undefined
  return { taskId: value, eventType, orderId: value }
}

/** The same as the schema of an id says. */
function isTaskId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxIdLength &&
    !controlCharacter.test(value)
  )
}

/** Whether an issue of {@link taskEventSchema} says that the two ids differ. */
export function isTaskIdMismatch(issue: object): boolean {
  const { params } = issue as { params?: { reason?: unknown } }
  return params?.reason === mismatch
}

/**
 * The body of an event as it goes over the wire, its keys in the order of the specification. Both ids are written,
 * so that receivers of any version understand it.
 *
 * @throws OptionError when `taskId` is not 1 to 255 characters, or has control characters, or `eventType` is none of {@link eventTypes}.
 * @example
 * encodeTaskEvent({ taskId: '07c6ad8c', eventType: 'OrderAccepted' })
 * // '{"orderId":"07c6ad8c","eventType":"OrderAccepted","taskId":"07c6ad8c"}'
 */
export function encodeTaskEvent(event: Pick<TaskEvent, 'taskId' | 'eventType'>): string {
  if (typeof event !== 'object' || event === null) throw new OptionError('event', 'must be an object')
  const { taskId, eventType } = event
  if (!isTaskId(taskId))
    throw new OptionError('taskId', 'must be a string of 1 to 255 characters, without control characters')
  if (!isEventType(eventType)) throw new OptionError('eventType', `must be one of ${eventTypes.join(', ')}`)
  return JSON.stringify({ orderId: taskId, eventType, taskId })
}
