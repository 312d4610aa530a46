import type { WebhookErrorCode } from '@taskhook/core'
import type { VectorExpectation } from './receiver-vector.ts'
import { deliveryId, eventType, handled, keyPair, taskId, type VectorParts } from './vector-context.ts'

const refused = (code: WebhookErrorCode, status = 400): VectorExpectation => ({
  outcome: 'refused',
  status,
  code,
})
const json = (value: object): string => JSON.stringify(value)
const tooLong = 'x'.repeat(256)

const accepted = (name: string, why: string, body: string | Uint8Array, id = taskId): VectorParts => ({
  name,
  why,
  body,
  expected: handled({ taskId: id, deliveryId }),
})

const invalid = (name: string, why: string, body: string | Uint8Array): VectorParts => ({
  name,
  why,
  body,
  expected: refused('payload_invalid'),
})

const contentType = (name: string, value: string | undefined, expected?: VectorExpectation): VectorParts => ({
  name: `content-type-${name}`,
  why:
    value === undefined ? 'A request without a content type is refused.' : `The content type is "${value}".`,
  level: 'should',
  headers: { 'content-type': value },
  ...(expected && { expected }),
})

/** Authentic requests with different bodies: some are events, some are not. */
export function payloadVectors(): VectorParts[] {
  return [
    accepted(
      'only-order-id',
      'Older senders write orderId alone; taskId is the same.',
      json({ orderId: taskId, eventType }),
    ),
    accepted('only-task-id', 'Newer senders write taskId alone.', json({ taskId, eventType })),
    accepted(
      'unknown-property',
      'A property that is not known is passed over, so that senders may add some.',
      json({ taskId, eventType, priority: 3 }),
    ),
    accepted(
      'white-space',
      'The body is verified as it came, and not as it would be written again.',
      `{\n  "taskId" : ${json({ taskId }).slice(10, -1)},\r\n  "eventType": "${eventType}"\n}\n`,
    ),
    accepted(
      'escapes',
      'An id written with escapes.',
      String.raw`{"taskId":"\u0074ask-\u00e4","eventType":"OrderAccepted"}`,
      'task-ä',
    ),
    accepted(
      'utf-8',
      'The body is UTF-8.',
      json({ taskId: 'Auftrag-äöü-€-😀', eventType }),
      'Auftrag-äöü-€-😀',
    ),
    accepted(
      'byte-order-mark',
      'A byte order mark at the start is part of what is signed, and of no JSON.',
      `\uFEFF${json({ taskId, eventType })}`,
    ),
    accepted(
      'longest-id',
      'An id may have 255 characters.',
      json({ taskId: 'x'.repeat(255), eventType }),
      'x'.repeat(255),
    ),
    {
      name: 'event-unknown-ignored',
      why: 'An event type of a newer sender is acknowledged, so that it is not sent again for days; it is not handled.',
      level: 'should',
      body: json({ taskId, eventType: 'OrderArchived' }),
      expected: { outcome: 'ignored', eventType: 'OrderArchived' },
    },
    {
      name: 'event-unknown-refused',
      why: 'A receiver may be set to refuse event types that it does not know.',
      level: 'should',
      body: json({ taskId, eventType: 'OrderArchived' }),
      receiver: { unknownEvents: 'reject' },
      expected: refused('event_type_unknown'),
    },
    {
      name: 'ids-differ',
      why: 'the body has a taskId and an orderId that differ: one of them is wrong, and nothing says which.',
      body: json({ orderId: 'another', eventType, taskId }),
      expected: refused('task_id_mismatch'),
    },
    invalid('no-id', 'There is neither taskId nor orderId.', json({ eventType })),
    invalid('empty-id', 'The id is empty.', json({ taskId: '', eventType })),
    invalid('id-too-long', 'The id has more than 255 characters.', json({ taskId: tooLong, eventType })),
    invalid('id-number', 'The id is a number.', json({ taskId: 42, eventType })),
    invalid('id-null', 'The id is null.', json({ taskId: null, eventType })),
    invalid('id-control-character', 'The id has a line break in it.', json({ taskId: 'a\nb', eventType })),
    invalid('no-event-type', 'There is no eventType.', json({ taskId })),
    invalid('event-type-number', 'The event type is a number.', json({ taskId, eventType: 1 })),
    invalid('array', 'The body is an array of events.', json([{ taskId, eventType }])),
    invalid('null', 'The body is null.', 'null'),
    {
      name: 'not-json',
      why: 'The body is authentic, and is no JSON.',
      body: `${json({ taskId, eventType })}}`,
      expected: refused('body_not_json'),
    },
    {
      name: 'not-utf-8',
      why: 'The body has a byte that is not UTF-8.',
      body: Buffer.concat([
        Buffer.from('{"taskId":"'),
        Buffer.of(0xff),
        Buffer.from(`","eventType":"${eventType}"}`),
      ]),
      expected: refused('body_not_json'),
    },
    { name: 'empty-body', why: 'The body is empty, and signed.', body: '', expected: refused('body_empty') },
    {
      name: 'too-large',
      why: 'The body has more than 65,536 bytes.',
      body: json({ taskId, eventType, padding: 'x'.repeat(65_536) }),
      expected: refused('body_too_large', 413),
    },
    contentType('charset', 'application/json; charset=utf-8'),
    contentType('upper-case', 'Application/JSON'),
    contentType('text', 'text/plain', refused('content_type_unsupported', 415)),
    contentType('form', 'application/x-www-form-urlencoded', refused('content_type_unsupported', 415)),
    contentType('missing', undefined, refused('content_type_unsupported', 415)),
    {
      name: 'signatures-of-other-kinds',
      why: 'Only signatures of a kind that the receiver has no key for: nothing shows who sent it.',
      features: ['standard-webhooks'],
      signatures: 'standard',
      secret: keyPair.privateKey,
      expected: { outcome: 'refused', status: 401, code: 'signature_mismatch' },
    },
  ]
}
