import { randomUUID } from 'node:crypto'
import { checkOptions } from './check-options.ts'
import { OptionError } from './option-error.ts'
import type { EventType } from './event-type.ts'
import { createSigner } from './signature-headers.ts'
import { encodeTaskEvent } from './task-event.ts'

export { dedupeStoreContract } from './dedupe-store-contract.ts'
export type {
  DedupeContractCase,
  DedupeContractOptions,
  DedupeContractTransaction,
} from './dedupe-contract.ts'

/** Options of {@link signedRequest}. */
export interface SignedRequestOptions<B extends string | Uint8Array = string> {
  /** The secret to sign with, several as in a rotation, or `false` for an unsigned request. */
  secret: string | readonly string[] | false
  /** Default: a random UUID. */
  taskId?: string
  /** Default `OrderAccepted`. */
  eventType?: EventType
  /** Sent as `?key=`. Default: none. */
  key?: string
  /** Where to, with or without an origin. Default `/automation`. */
  url?: string
  /** The delivery's id; give the same one twice to test a repeat. Default: a random UUID. */
  id?: string
  /** The time of the attempt. Default: now. */
  sentAt?: Date
  /** Whether the Standard Webhooks headers are sent beside `X-Signature`. Default true. */
  standardWebhooks?: boolean
  /** A body of your own instead of the event's; it is signed as it is. */
  body?: B
  /** More headers, or others: they win, lower-case. */
  headers?: Readonly<Record<string, string>>
}

/** A request for supertest, `inject`, `fetch` or whatever sends one. */
export interface SignedRequest<B extends string | Uint8Array = string> {
  method: 'POST'
  url: string
  headers: Record<string, string>
  body: B
}

/**
 * Makes the whole request that a sender would send, signature and all, for the tests of a receiver.
 *
 * @throws OptionError as `encodeTaskEvent` and `createSigner` do, and for an option that is not known.
 * @example
 * const { url, headers, body } = signedRequest({ eventType: 'OrderSigned', secret })
 * const response = await fetch(new URL(url, base), { method: 'POST', headers, body })
 */
export function signedRequest<B extends string | Uint8Array = string>(
  options: SignedRequestOptions<B>,
): SignedRequest<B> {
  checkOptions<SignedRequestOptions<B>>(options, optionNames)
  const {
    secret,
    taskId = randomUUID(),
    eventType = 'OrderAccepted',
    key,
    url = '/automation',
    id = randomUUID(),
    sentAt = new Date(),
    standardWebhooks = true,
    body = encodeTaskEvent({ taskId, eventType }) as B,
    headers = {},
  } = options ?? {}
  checkParts({ key, url, headers, standardWebhooks })
  return {
    method: 'POST',
    url: key === undefined ? url : withKey(url, key),
    headers: {
      'content-type': 'application/json',
      ...signatureHeaders(),
      ...headers,
    },
    body,
  }

  function signatureHeaders(): Record<string, string> {
    if (secret === false) return {}
    const all = createSigner(secret)({ id, sentAt, body })
    if (standardWebhooks) return { ...all }
    const signature = all['x-signature']
    return signature === undefined ? {} : { 'x-signature': signature }
  }
}

const optionNames: Readonly<Record<keyof SignedRequestOptions, true>> = {
  secret: true,
  taskId: true,
  eventType: true,
  key: true,
  url: true,
  id: true,
  sentAt: true,
  standardWebhooks: true,
  body: true,
  headers: true,
}

type Parts = Required<Pick<SignedRequestOptions, 'url' | 'headers' | 'standardWebhooks'>> & {
  key: string | undefined
}

/** What no signer looks at. */
function checkParts({ key, url, headers, standardWebhooks }: Parts): void {
  if (key !== undefined && typeof key !== 'string') throw new OptionError('key', 'must be a string')
  if (typeof url !== 'string') throw new OptionError('url', 'must be a string: pass the href of a URL object')
  if (typeof standardWebhooks !== 'boolean') {
    throw new OptionError('standardWebhooks', 'must be true or false')
  }
  const values: unknown[] =
    typeof headers === 'object' && headers !== null ? Object.values(headers) : [headers]
  // An array or a Headers would give nothing, or names without a meaning.
  if (
    Array.isArray(headers) ||
    headers instanceof Headers ||
    values.some((value) => typeof value !== 'string')
  ) {
    throw new OptionError('headers', 'must be an object of strings')
  }
}

function withKey(url: string, key: string): string {
  const start = url.indexOf('?')
  const path = start === -1 ? url : url.slice(0, start)
  const query = start === -1 ? '' : url.slice(start + 1)
  const parameters = [...(query ? [query] : []), `key=${encodeURIComponent(key)}`]
  return `${path.endsWith('/') ? path : `${path}/`}?${parameters.join('&')}`
}
