import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as secureJson from 'secure-json-parse'
import { isTaskIdMismatch } from './task-event.ts'
import { WebhookError, type WebhookIssue } from './webhook-error.ts'

// Fatal, so that invalid UTF-8 is refused rather than replaced. A byte order mark is skipped (RFC 8259 section 8.1).
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Makes a value of JSON text; throws when it is not JSON. */
export type ParseText = (text: string) => unknown

/**
 * `JSON.parse` less the `__proto__` and `constructor.prototype` properties, for a schema or handler that copies
 * properties it does not know and could so be made to change a prototype.
 */
export const parseWithoutPrototypes: ParseText = (text) =>
  secureJson.parse(text, { protoAction: 'remove', constructorAction: 'remove' })

/**
 * Decodes and parses a body whose signature has been verified.
 *
 * @throws WebhookError `body_empty`, `body_not_json`.
 */
export function parseJson(body: Uint8Array, parseText: ParseText): unknown {
  if (body.length === 0) throw new WebhookError('body_empty', 'the request has no body')
  try {
    const text = utf8.decode(body)
    // A second byte order mark is none (RFC 8259 section 8.1); one of the parsers takes it for one.
    if (text.startsWith('\uFEFF')) throw new SyntaxError('the text begins with a second byte order mark')
    return parseText(text)
  } catch (cause) {
    throw new WebhookError(
      'body_not_json',
      'the body is not JSON in UTF-8; a compressed body is not decoded',
      {
        cause,
      },
    )
  }
}

/** The name of an event that the schema does not know, and what it says of it. */
export interface UnknownEvent {
  unknownEventType: string
  issues: readonly WebhookIssue[]
}

/** A valid event, or one that the schema does not know. */
export type ParsedPayload<E> = { event: E } | UnknownEvent

/** Sorts out what a schema said of a payload. */
export function readValidation<E>(payload: unknown, result: StandardSchemaV1.Result<E>): ParsedPayload<E> {
  if (result.issues === undefined) return { event: result.value }

  const issues = Array.from(result.issues, toIssue)
  const eventType = readEventType(payload)
  // An event type from a newer sender is the one thing wrong with an otherwise fine payload.
  const isOnlyEventType =
    issues.length > 0 && issues.every(({ path }) => path.length === 1 && path[0] === 'eventType')
  if (eventType !== undefined && isOnlyEventType) {
    return { unknownEventType: eventType, issues }
  }
  if (result.issues.some(isTaskIdMismatch)) {
    throw new WebhookError('task_id_mismatch', 'the body has a taskId and an orderId that differ', { issues })
  }
  throw new WebhookError('payload_invalid', `the payload is not a valid event: ${describe(issues)}`, {
    issues,
  })
}

function toIssue({ message, path = [] }: StandardSchemaV1.Issue): WebhookIssue {
  // Array.from, since an array class of the schema's library would make its like with map().
  return {
    message,
    path: Array.from(path, (segment) => (typeof segment === 'object' ? segment.key : segment)),
  }
}

function readEventType(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('eventType' in payload)) return undefined
  const { eventType } = payload
  return typeof eventType === 'string' && eventType !== '' ? eventType : undefined
}

function describe(issues: readonly WebhookIssue[]): string {
  return issues
    .slice(0, 3)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
}
