import { gzipSync } from 'node:zlib'
import * as z from 'zod'
import type { Case } from './case.ts'
import { handled, refused } from './expected.ts'
import { chunked, eventJson, padded, signed, taskId } from './signed.ts'

const fastifyBodyLimit = { Fastify: refused(413, 'FST_ERR_CTP_BODY_TOO_LARGE') }
const fastifyMediaType = { Fastify: refused(415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE') }
const compressed = gzipSync(eventJson)

/** What may come from the right sender and still is no event. */
export const unsuitableCases: Case[] = [
  // What is authentic and not an event.
  {
    name: 'no content-type',
    request: signed({ headers: { 'content-type': undefined } }),
    expected: refused(415, 'content_type_unsupported'),
  },
  {
    name: 'no content-type, with an option that is undefined',
    request: signed({ headers: { 'content-type': undefined } }),
    options: { contentType: undefined },
    expected: refused(415, 'content_type_unsupported'),
  },
  ...['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application/octet-stream'].map(
    (contentType): Case => ({
      name: `content-type ${contentType}`,
      request: signed({ headers: { 'content-type': contentType } }),
      expected: refused(415, 'content_type_unsupported'),
    }),
  ),
  ...['json', ''].map((contentType): Case => ({
    name: `a content-type that is no media type: ${JSON.stringify(contentType)}`,
    request: signed({ headers: { 'content-type': contentType } }),
    expected: refused(415, 'content_type_unsupported'),
    differs: fastifyMediaType,
  })),
  {
    name: 'two content-types: Node.js takes the first, Fetch both',
    request: signed({ headers: { 'content-type': ['application/json', 'application/json'] } }),
    expected: handled,
    differs: {
      Hono: refused(415, 'content_type_unsupported'),
      'node:http': refused(415, 'content_type_unsupported'),
    },
  },
  {
    name: 'an unsigned request of another content-type',
    request: signed({ secret: false, headers: { 'content-type': 'text/plain' } }),
    expected: refused(401, 'signature_missing'),
  },
  {
    name: 'invalid UTF-8',
    request: signed({ body: Buffer.from(eventJson.replace('07c6', '\u00FFc6'), 'latin1') }),
    expected: refused(400, 'body_not_json'),
  },
  {
    name: 'text that is not JSON',
    request: signed({ body: '{"taskId":' }),
    expected: refused(400, 'body_not_json'),
  },
  {
    name: 'a form',
    request: signed({ body: 'taskId=1&eventType=OrderSigned' }),
    expected: refused(400, 'body_not_json'),
  },
  { name: 'an empty body', request: signed({ body: '' }), expected: refused(400, 'body_empty') },
  { name: 'an empty chunked body', request: chunked([]), expected: refused(400, 'body_empty') },
  ...[
    'null',
    '"x"',
    '[]',
    '1',
    'true',
    '{}',
    '[null]',
    '{"eventType":null}',
    '{"taskId":"1","eventType":["OrderSigned"]}',
  ].map((body): Case => ({
    name: `a payload that is ${body}`,
    request: signed({ body }),
    expected: refused(400, 'payload_invalid'),
  })),
  {
    name: 'a payload nested 30 000 deep',
    request: signed({ body: '['.repeat(30_000) + ']'.repeat(30_000) }),
    expected: refused(400, 'payload_invalid'),
  },
  {
    name: 'a payload nested 30 000 deep before a schema of the application',
    options: {
      schema: z.object({ taskId: z.string(), eventType: z.literal('OrderSigned'), orderId: z.string() }),
    },
    request: signed({ body: '['.repeat(30_000) + ']'.repeat(30_000) }),
    expected: refused(400, 'payload_invalid'),
  },
  {
    name: 'two ids that differ',
    request: signed({ body: '{"orderId":"1","eventType":"OrderSigned","taskId":"2"}' }),
    expected: refused(400, 'task_id_mismatch'),
  },
  {
    name: 'an empty id',
    request: signed({ body: '{"taskId":"","eventType":"OrderSigned"}' }),
    expected: refused(400, 'payload_invalid'),
  },
  {
    name: 'an event type from a newer sender, where those are rejected',
    options: { unknownEvents: 'reject' },
    request: signed({ body: JSON.stringify({ taskId, eventType: 'OrderArchived' }) }),
    expected: refused(400, 'event_type_unknown'),
  },
  {
    name: 'gzip, signed as it was sent: nothing is inflated',
    request: signed({ body: compressed, headers: { 'content-encoding': 'gzip' } }),
    expected: refused(400, 'body_not_json'),
  },
  {
    name: 'gzip, signed before it was compressed',
    request: {
      ...signed({ headers: { 'content-encoding': 'gzip', 'content-length': String(compressed.length) } }),
      chunks: [compressed],
    },
    expected: refused(401, 'signature_mismatch'),
  },

  // Sizes.
  {
    name: 'one byte over the limit',
    request: signed({ body: padded(65_537) }),
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'chunked, one byte over the limit',
    request: chunked([padded(65_536), ' ']),
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'chunked, over the limit, and never ending',
    request: { ...chunked([padded(65_536), ' ']), unfinished: true },
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'chunked, far over the limit',
    request: chunked(Array.from({ length: 64 }, () => ' '.repeat(65_536))),
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'declared over the limit: refused before any of the body was sent',
    request: { ...signed({ headers: { 'content-length': '20000000' } }), chunks: [], unfinished: true },
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'unsigned and over the limit',
    request: signed({ secret: false, body: padded(65_537) }),
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'over a lower limit of the application',
    options: { bodyLimitInBytes: 100 },
    request: signed({ body: padded(101 + eventJson.length) }),
    expected: refused(413, 'body_too_large'),
    differs: fastifyBodyLimit,
  },
  {
    name: 'within a higher limit of the application',
    options: { bodyLimitInBytes: 2_000_000 },
    request: signed({ body: padded(2_000_000) }),
    expected: handled,
  },

  // Other methods.
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS'].map((method): Case => ({
    name: `${method} without a body or a signature`,
    request: { method, headers: [] },
    expected: refused(401, 'signature_missing'),
  })),
  {
    name: 'GET without a body, signed',
    request: signed({ method: 'GET', body: '', headers: { 'content-length': undefined } }),
    expected: refused(400, 'body_empty'),
  },
  {
    name: 'GET with a signed event: Fetch and Fastify read no body of a GET',
    request: signed({ method: 'GET' }),
    expected: refused(401, 'signature_mismatch'),
    differs: { 'Express 5': handled, 'Express 4': handled, handle: handled, Koa: handled },
  },
  { name: 'PUT with a signed event', request: signed({ method: 'PUT' }), expected: handled },
]
