import type { IncomingMessage } from 'node:http'
import { bodyAlreadyParsed, bodyTooLarge, bodyUnreadable } from '@taskhook/core'
import readStream from 'raw-body'
import { drain } from './drain.ts'

/** A request, with what body parsers and platforms leave on it. */
export interface RequestWithBody extends IncomingMessage {
  body?: unknown
  rawBody?: unknown
  webhook?: unknown
  _body?: boolean
}

/**
 * The bytes of a request as they arrived: those that `express.raw()` or a platform has kept, or else read from the
 * stream, up to the limit.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_unreadable`.
 */
export async function readRawBody(request: RequestWithBody, limitInBytes: number): Promise<Uint8Array> {
  if (request.rawBody instanceof Uint8Array) return request.rawBody
  // Of a verifyWebhook that is mounted before this one.
  const { rawBody: earlier } = (request.webhook ?? {}) as { rawBody?: unknown }
  if (earlier instanceof Uint8Array) return earlier
  if (request.body instanceof Uint8Array) return request.body
  if (request.readableEncoding !== null) {
    throw bodyAlreadyParsed(
      'nothing before verifyWebhook may call request.setEncoding(), which decodes the bytes',
    )
  }
  if (request.readableDidRead) {
    throw bodyAlreadyParsed(
      'mount verifyWebhook above express.json() (or the parser in use), or keep the bytes with ' +
        'express.json({ verify: (request, response, bytes) => { request.rawBody = bytes } })',
    )
  }
  // A parser that found nothing to read has left no trace but this.
  if (request.readableEnded) return new Uint8Array()
  try {
    const body = await readStream(request, {
      length: request.headers['content-length'] ?? null,
      limit: limitInBytes,
    })
    // How Express 4's parsers know that there is nothing left to read; one after this would fail otherwise.
    request['_body'] = true
    return body
  } catch (error) {
    drain(request)
    throw isTooLarge(error) ? bodyTooLarge(limitInBytes) : bodyUnreadable(error)
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'entity.too.large'
}
