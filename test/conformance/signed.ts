import { sign, type VerifierOptions } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import type { WireRequest } from './exchange.ts'

export const secret = 'a secret that both sides share'
export const sentAt: Date = new Date('2026-11-23T12:00:00Z')

const deliveryId = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
export const taskId = '07c6ad8c-7a1f-4c8e-9d53-2f0a6f0b8e11'
export const eventJson: string = JSON.stringify({ orderId: taskId, eventType: 'OrderAccepted', taskId })

/** The `X-Signature` of {@link eventJson}, in hex and decoded. */
export const signature: string = sign(eventJson, secret)
export const signatureBytes: Buffer = Buffer.from(signature, 'hex')

/** Finds the secret of one installation, and of no other. */
export const secretOfNorth: VerifierOptions['secret'] = ({ installation }) =>
  installation === 'north' ? secret : undefined

/** The event with white space after it, up to a length in bytes. */
export const padded = (length: number): string => eventJson + ' '.repeat(length - eventJson.length)

/** A time by the receiver's clock, which stands still. */
export const secondsLater = (offset: number): Date => new Date(sentAt.getTime() + offset * 1000)

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Options of {@link signed}: those of `signedRequest`, and what to change after it. */
export interface SignedOptions extends Partial<Omit<SignedRequestOptions<Uint8Array | string>, 'headers'>> {
  /** Headers instead of those that were signed or added; `undefined` leaves one out, several are sent one by one. */
  headers?: Headers
  method?: string
}

/** {@link signed} as an older sender does it, without the Standard Webhooks headers. */
export const onlySignature: SignedOptions = { standardWebhooks: false }

/** The same with another `X-Signature`, or several. */
export const withSignature = (value: string | readonly string[]): SignedOptions => ({
  ...onlySignature,
  headers: { 'x-signature': value },
})

/** A request as our sender makes it, then changed. */
export function signed({
  headers = {},
  method = 'POST',
  body = eventJson,
  ...options
}: SignedOptions = {}): WireRequest {
  const request = signedRequest<Uint8Array | string>({ secret, id: deliveryId, sentAt, body, ...options })
  const all: Headers = {
    ...request.headers,
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  return { method, path: request.url, headers: toPairs(all), chunks: [body] }
}

/** The same, its body in chunks of unsaid length. */
export function chunked(chunks: readonly (Uint8Array | string)[]): WireRequest {
  const body = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
  const { path, headers } = signed({
    body,
    headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
  }) as Required<WireRequest>
  return { path, headers, chunks }
}

function toPairs(headers: Headers): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  )
}
