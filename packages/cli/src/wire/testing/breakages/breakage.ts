import { createHash, createHmac } from 'node:crypto'
import { encodeTaskEvent, eventTypes, sign } from '@taskhook/core'
import * as fc from 'fast-check'
import type { RefusedRequest } from '../../explain/explain-mismatch.ts'

/** What an honest request is made of. */
export interface Given {
  secret: string
  taskId: string
  body: string
  sentAt: Date
}

/** Honest requests. */
export const given: fc.Arbitrary<Given> = fc
  .record({
    // Letters that have a case, and none that any of the breakages below treat as something else.
    secret: fc.stringMatching(/^[a-z][A-Z][a-zA-Z]{8,30}[g-z]é$/),
    taskId: fc.stringMatching(/^[\w/<>&é ü-]{1,20}é\/$/),
    eventType: fc.constantFrom(...eventTypes),
    sentAt: fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }).map((seconds) => new Date(seconds * 1000)),
  })
  .map(({ secret, taskId, eventType, sentAt }) => {
    return { secret, taskId, sentAt, body: encodeTaskEvent({ taskId, eventType }) }
  })

/** Makes a request of them that is refused, for one cause. */
export type Breakage = (given: Given) => RefusedRequest

export const hmac = (key: string | Buffer, message: string | Buffer, algorithm = 'sha256'): Buffer =>
  createHmac(algorithm, key).update(message).digest()
export const hash = (...parts: string[]): string => createHash('sha256').update(parts.join('')).digest('hex')
export const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Signed with `key` and sent as it is. */
export const keyed =
  (toKey: (given: Given) => string | Buffer, toSecret = ({ secret }: Given): string => secret): Breakage =>
  (one) => ({
    headers: { 'x-signature': hmac(toKey(one), one.body).toString('hex') },
    body: Buffer.from(one.body),
    secrets: [toSecret(one)],
  })

/** Signed as `toSigned` makes it, and arrived as `toArrived` does. */
export const changed =
  (
    toSigned: (body: string) => string | Buffer,
    toArrived: (body: string) => string | Buffer = (body) => body,
  ): Breakage =>
  ({ secret, body }) => ({
    headers: { 'x-signature': sign(toSigned(body), secret) },
    body: Buffer.from(toArrived(body) as string),
    secrets: [secret],
  })

/** With another `X-Signature`. */
export const headed =
  (toHeader: (given: Given) => string, more: Partial<RefusedRequest> = {}): Breakage =>
  (one) => ({
    headers: { 'x-signature': toHeader(one) },
    body: Buffer.from(one.body),
    secrets: [one.secret],
    ...more,
  })

/** With another `webhook-signature`. */
export const standard =
  (toSigned: (body: string, id: string, timestamp: number) => string): Breakage =>
  ({ secret, body, sentAt }) => {
    const timestamp = sentAt.getTime() / 1000
    const signature = hmac(secret, toSigned(body, 'msg_1', timestamp)).toString('base64')
    return {
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${signature}`,
      },
      body: Buffer.from(body),
      secrets: [secret],
    }
  }

/** The secret as Standard Webhooks writes it. */
export const whsec = ({ secret }: Given): string => `whsec_${base64(secret.padEnd(24, 'x'))}`
/** JSON with what writers differ in. */
export const rich = '{"a":"é/<x>","n":1.50,"list":[1,{"b":20}],"text":"\uD83D\uDE00"}'
/** The same as Python writes it. */
export const python: string = rich.replaceAll(/,(?=")|,(?=\{)/g, ', ').replaceAll('":', '": ')
