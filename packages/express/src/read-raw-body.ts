import type { IncomingMessage } from 'node:http'
import { bodyAlreadyParsed, readBody, type BodyLimits } from '@taskhook/core'

/** A request, with what body parsers and platforms leave on it. */
export interface RequestWithBody extends IncomingMessage {
  body?: unknown
  rawBody?: unknown
  webhook?: unknown
  _body?: boolean
}

/**
 * The bytes of a request as they arrived: those that `express.raw()` or a platform has kept, or else those read from
 * the stream, up to the limits.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_timeout`, `body_unreadable`.
 */
export async function readRawBody(request: RequestWithBody, limits: BodyLimits): Promise<Uint8Array> {
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
  const body = await readBody(request, { ...limits, declaredLength: request.headers['content-length'] })
  // How Express 4's parsers know that there is nothing left to read; one after this would fail otherwise.
  request['_body'] = true
  return body
}
