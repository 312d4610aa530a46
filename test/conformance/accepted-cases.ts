import * as z from 'zod'
import type { Case } from './case.ts'
import { acknowledged, handled } from './expected.ts'
import {
  chunked,
  eventJson,
  onlySignature,
  padded,
  secondsLater,
  secret,
  secretOfNorth,
  signature,
  signatureBytes,
  signed,
  taskId,
  withSignature,
} from './signed.ts'

const [standardSignature = ''] = signed()
  .headers.filter(([name]) => name === 'webhook-signature')
  .map(([, value]) => value)

/** What senders may send, whatever version they are of. */
export const acceptedCases: Case[] = [
  // What a sender may send.
  { name: 'both signatures', request: signed(), expected: handled },
  { name: 'X-Signature alone, from an older sender', request: signed(onlySignature), expected: handled },
  {
    name: 'the Standard Webhooks headers alone',
    request: signed({ headers: { 'x-signature': undefined } }),
    expected: handled,
  },
  {
    name: 'X-Signature in upper-case hex',
    request: signed(withSignature(signature.toUpperCase())),
    expected: handled,
  },
  {
    name: 'X-Signature after sha256=',
    request: signed(withSignature(`sha256=${signature}`)),
    expected: handled,
  },
  {
    name: 'X-Signature in Base64',
    request: signed(withSignature(signatureBytes.toString('base64'))),
    expected: handled,
  },
  {
    name: 'X-Signature in Base64url without padding',
    request: signed(withSignature(signatureBytes.toString('base64url'))),
    expected: handled,
  },
  {
    name: 'header names in another case',
    request: signed({
      ...onlySignature,
      headers: {
        'x-signature': undefined,
        'X-SIGNATURE': signature,
        'content-type': undefined,
        'Content-Type': 'application/json',
      },
    }),
    expected: handled,
  },
  {
    name: 'the previous of two secrets, in a rotation',
    options: { secret: ['a newer secret', secret] },
    request: signed(),
    expected: handled,
  },
  {
    name: 'a webhook-signature with an unknown version beside a good one',
    request: signed({ headers: { 'webhook-signature': `v1a,AAAA ${standardSignature}` } }),
    expected: handled,
  },
  {
    name: 'orderId alone',
    request: signed({ body: JSON.stringify({ orderId: taskId, eventType: 'OrderSigned' }) }),
    expected: handled,
  },
  {
    name: 'taskId alone',
    request: signed({ body: JSON.stringify({ taskId, eventType: 'OrderSigned' }) }),
    expected: handled,
  },
  {
    name: 'unknown properties, big integers, 1.0, \\u escapes, line ends and a duplicate key',
    request: signed({
      body: `{\r\n "taskId" : "another", "count": 12345678901234567890, "ratio": 1.0,\r\n "taskId": "\\u0030${taskId.slice(1)}", "eventType": "OrderSigned" }\r\n`,
    }),
    expected: handled,
  },
  {
    name: 'prototype keys',
    request: signed({
      body: eventJson.replace('{', '{"__proto__":{"taskId":1},"constructor":{"prototype":{}},'),
    }),
    expected: handled,
  },
  { name: 'a byte order mark', request: signed({ body: `\uFEFF${eventJson}` }), expected: handled },
  {
    name: 'content-type with a charset',
    request: signed({ headers: { 'content-type': 'application/json; charset=utf-8' } }),
    expected: handled,
  },
  {
    name: 'content-type in another case, with a quoted charset and no space',
    request: signed({ headers: { 'content-type': 'Application/JSON;charset="UTF-8"' } }),
    expected: handled,
  },
  {
    name: 'a chunked body',
    request: chunked([eventJson.slice(0, 40), eventJson.slice(40)]),
    expected: handled,
  },
  { name: 'a body that comes byte by byte', request: chunked(Array.from(eventJson)), expected: handled },
  { name: 'a body of exactly the limit', request: signed({ body: padded(65_536) }), expected: handled },
  {
    name: 'a chunked body of exactly the limit',
    request: chunked([padded(32_768), ' '.repeat(32_768)]),
    expected: handled,
  },
  {
    name: 'an accepted key',
    options: { key: ['south', 'Nörd/lich & co'] },
    request: signed({ key: 'Nörd/lich & co', url: '/automation' }),
    expected: handled,
  },
  {
    name: 'a secret that is found by installation',
    options: { secret: secretOfNorth },
    request: signed({ key: 'north' }),
    expected: handled,
  },
  {
    name: 'an unsigned request where that is allowed',
    options: { secret: false },
    request: signed({ secret: false }),
    expected: handled,
  },
  {
    name: 'a timestamp at the edge of the tolerance',
    request: signed({ sentAt: secondsLater(-300) }),
    expected: handled,
  },
  {
    name: 'a schema of the application, its transform applied',
    options: {
      schema: z
        .object({ id: z.string() })
        .transform(({ id }) => ({ taskId: id, eventType: 'OrderSigned' as const, orderId: id })),
    },
    request: signed({ body: JSON.stringify({ id: taskId }) }),
    expected: handled,
  },

  // What is acknowledged only.
  {
    name: 'an event type from a newer sender',
    request: signed({ body: JSON.stringify({ taskId, eventType: 'OrderArchived' }) }),
    expected: acknowledged,
  },
]
