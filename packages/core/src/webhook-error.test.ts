import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { bodyAlreadyParsed, bodyTooLarge, bodyUnreadable } from './refusals.ts'
import { createSigner } from './signature-headers.ts'
import { createVerifier } from './verifier.ts'
import { WebhookError, type WebhookErrorCode } from './webhook-error.ts'

const table = {
  signature_missing: [401, 'Signature missing'],
  signature_malformed: [401, 'Signature malformed'],
  signature_mismatch: [401, 'Signature mismatch'],
  key_missing: [401, 'Key missing'],
  key_unknown: [401, 'Key unknown'],
  timestamp_missing: [401, 'Timestamp missing'],
  timestamp_out_of_tolerance: [401, 'Timestamp out of tolerance'],
  body_too_large: [413, 'Body too large'],
  content_type_unsupported: [415, 'Content type unsupported'],
  body_not_json: [400, 'Body not JSON'],
  body_empty: [400, 'Body empty'],
  body_unreadable: [400, 'Body unreadable'],
  body_timeout: [408, 'Body timeout'],
  payload_invalid: [400, 'Payload invalid'],
  task_id_mismatch: [400, 'Task ID mismatch'],
  event_type_unknown: [400, 'Event type unknown'],
  delivery_in_progress: [409, 'Delivery in progress'],
  body_already_parsed: [500, 'Body already parsed'],
  secret_unavailable: [503, 'Secret unavailable'],
  dedupe_unavailable: [503, 'Dedupe unavailable'],
  inbox_unavailable: [503, 'Inbox unavailable'],
} as const

describe('WebhookError', () => {
  test('has no codes but those of the table', () => {
    expectTypeOf<WebhookErrorCode>().toEqualTypeOf<keyof typeof table>()
  })

  test.each(Object.entries(table))('%s has the status %j', (code, [status, title]) => {
    const error = new WebhookError(code as WebhookErrorCode, 'the reason')
    const expose = status < 500
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'WebhookError',
      code,
      status,
      statusCode: status,
      expose,
    })
    expect(error.toProblem()).toEqual({
      type: error.documentation,
      title,
      status,
      code,
      ...(expose && { detail: 'the reason' }),
    })
  })

  test('carries issues into the problem, and cause and headers not', () => {
    const issues = [{ message: 'is missing', path: ['taskId'] }]
    const cause = new Error('inner')
    const error = new WebhookError('payload_invalid', 'no', { issues, cause, headers: { 'x-a': 'b' } })
    expect(error).toMatchObject({ issues, cause, headers: { 'x-a': 'b' } })
    expect(error.toProblem()).toEqual({
      type: 'https://github.com/taskhook/taskhook/blob/main/docs/errors/payload_invalid.md',
      title: 'Payload invalid',
      status: 400,
      detail: 'no',
      code: 'payload_invalid',
      issues,
    })
  })

  test.each<[WebhookErrorCode, Record<string, string>]>([
    ['delivery_in_progress', { 'retry-after': '1' }],
    ['secret_unavailable', { 'retry-after': '5' }],
    ['dedupe_unavailable', { 'retry-after': '5' }],
    ['inbox_unavailable', { 'retry-after': '5' }],
    ['body_already_parsed', {}],
    ['signature_mismatch', {}],
  ])('%s says when to come back, if it may pass by itself', (code, headers) => {
    expect(new WebhookError(code, 'no').headers).toEqual(headers)
  })

  test('takes the headers that it is given in place of its own', () => {
    const error = new WebhookError('inbox_unavailable', 'no', { headers: { 'Retry-After': '60' } })
    expect(error.headers).toEqual({ 'Retry-After': '60' })
  })

  test('has no cause and no issues of its own when there are none', () => {
    const error = new WebhookError('key_missing', 'no')
    expect('cause' in error).toBe(false)
    expect('issues' in error).toBe(false)
  })
})

describe('the refusals that adapters make', () => {
  test('say what to do and keep the cause', () => {
    const cause = new Error('aborted')
    expect(bodyTooLarge(100)).toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('100 bytes'),
    })
    expect(bodyUnreadable(cause)).toMatchObject({ code: 'body_unreadable', cause })
    expect(bodyAlreadyParsed('move line 3')).toMatchObject({
      code: 'body_already_parsed',
      message: expect.stringContaining('move line 3'),
    })
  })
})

describe('no refusal of a verifier', () => {
  const body = Buffer.from('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}')
  const message = { id: 'msg_1', sentAt: new Date(1_700_000_000_000), body }
  const forged = createSigner('another secret')(message)

  /** All that can be seen of the refusal of a request. */
  async function shownOf(secret: string, headers: Record<string, string | undefined>): Promise<string> {
    const verifier = createVerifier({ secret: ['one more', secret], now: () => message.sentAt.getTime() })
    const error: unknown = await verifier
      .verify({ headers, url: '/', body })
      .catch((thrown: unknown) => thrown)
    if (!WebhookError.isInstance(error)) throw new Error('expected a refusal')
    const seen = [inspect(error, { showHidden: true, depth: 9 }), error, error.toProblem()]
    return seen.map((one) => JSON.stringify(one)).join()
  }

  test('has a secret or an expected signature in it', async () => {
    const secrets = fc
      .tuple(fc.constantFrom('', 'whsec_'), fc.stringMatching(/^[a-zA-Z0-9]{32}$/))
      .map(([prefix, text]) => ({ secret: prefix + text, text }))
    await fc.assert(
      fc.asyncProperty(secrets, async ({ secret, text }) => {
        const signed = createSigner(secret)(message)
        const refused = [
          {},
          { 'x-signature': 'x' },
          forged,
          { ...signed, 'x-signature': forged['x-signature'] },
          { ...signed, 'webhook-signature': forged['webhook-signature'] },
          { ...signed, 'webhook-signature': 'v1,x' },
          { ...signed, 'webhook-id': 'msg_2' },
          { ...signed, 'webhook-timestamp': undefined },
          { ...signed, 'content-type': 'text/plain' },
        ]
        const shown = (await Promise.all(refused.map(async (headers) => shownOf(secret, headers)))).join()
        const digests = [
          Buffer.from(signed['x-signature'] ?? '', 'hex'),
          Buffer.from(signed['webhook-signature'].slice(3), 'base64'),
        ]
        const hidden = digests.flatMap((digest) => [digest.toString('hex'), digest.toString('base64')])
        expect([text, ...hidden].filter((one) => shown.includes(one))).toEqual([])
      }),
    )
  })
})
