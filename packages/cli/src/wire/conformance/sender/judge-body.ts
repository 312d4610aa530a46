import { encodeTaskEvent, isEventType } from '@taskhook/core'
import { problem, type SenderProblem } from './sender-problem.ts'

/** What is in a body, as far as it can be read. */
export interface ReadBody {
  taskId?: string
  eventType?: string
  problems: SenderProblem[]
}

/** Judges the body of a request: `{"orderId":…,"eventType":…,"taskId":…}`, and nothing else. */
export function judgeBody(body: Uint8Array): ReadBody {
  const value = parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      problems: [
        problem(
          'must',
          'body-not-json',
          'The body is no JSON object in UTF-8.',
          'Send one event a request, as a JSON object.',
        ),
      ],
    }
  }
  const { taskId, orderId, eventType, ...others } = value as Record<string, unknown>
  const problems = [...judgeIds(taskId, orderId), ...judgeEventType(eventType)]
  const id = readText(taskId) ?? readText(orderId)
  const type = readText(eventType)
  if (problems.length === 0) problems.push(...judgeForm(body, { id, type, others }))
  return { ...(id !== undefined && { taskId: id }), ...(type !== undefined && { eventType: type }), problems }
}

function judgeIds(taskId: unknown, orderId: unknown): SenderProblem[] {
  const ids = [taskId, orderId].filter((id) => id !== undefined)
  const fix = 'Write the id of the task as taskId and as orderId: a text of 1 to 255 characters.'
  if (ids.length === 0) return [problem('must', 'id-missing', 'There is neither taskId nor orderId.', fix)]
  if (ids.some((id) => readText(id) === undefined)) {
    return [
      problem(
        'must',
        'id-invalid',
        'The id is no text of 1 to 255 characters without control characters.',
        fix,
      ),
    ]
  }
  if (ids.length === 2 && taskId !== orderId) {
    return [problem('must', 'ids-differ', 'taskId and orderId differ.', fix)]
  }
  if (ids.length === 2) return []
  const [missing, readers] = taskId === undefined ? ['taskId', 'newer'] : ['orderId', 'older']
  return [problem('should', 'id-alone', `There is no ${missing}, which ${readers} receivers read.`, fix)]
}

function judgeEventType(eventType: unknown): SenderProblem[] {
  if (typeof eventType === 'string' && isEventType(eventType)) return []
  return [
    problem(
      'must',
      'event-type-unknown',
      eventType === undefined ? 'There is no eventType.' : 'The eventType is none of the ten.',
      'Write eventType as the specification has it, OrderSigned for example.',
    ),
  ]
}

function judgeForm(
  body: Uint8Array,
  { id = '', type = '', others }: { id: string | undefined; type: string | undefined; others: object },
): SenderProblem[] {
  if (Object.keys(others).length > 0) {
    return [
      problem(
        'should',
        'body-has-more',
        'The body has properties that are not in the specification.',
        'Send the id and the type: the receiver fetches the task, and strict receivers refuse the rest.',
      ),
    ]
  }
  if (!isEventType(type) || encodeTaskEvent({ taskId: id, eventType: type }) === Buffer.from(body).toString())
    return []
  return [
    problem(
      'should',
      'body-not-canonical',
      'The body is written otherwise than the service writes it.',
      'Write orderId, eventType, taskId in this order, without white space: receivers that parse before they verify depend on it.',
    ),
  ]
}

function readText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 255) return undefined
  return /\p{Cc}/u.test(value) ? undefined : value
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
