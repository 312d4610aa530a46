import type { FastifyRequest } from 'fastify'
import { bodyAlreadyParsed } from '@taskhook/core'

const empty = new Uint8Array()

/**
 * The bytes of a request as Fastify has read them. A method without a body, or a request without one, has none.
 *
 * @throws WebhookError `body_timeout`, `body_unreadable`, Fastify's `FST_ERR_CTP_BODY_TOO_LARGE`; `body_already_parsed` when another content-type parser of the scope got the body, or it was decoded.
 */
export function readRawBody({ body, raw }: FastifyRequest): Uint8Array {
  if (raw.readableEncoding !== null) {
    throw bodyAlreadyParsed(
      'nothing before verifyWebhook may call request.raw.setEncoding(), which decodes the bytes',
    )
  }
  if (body instanceof Uint8Array) return body
  // What createBodyParser has refused.
  if (body instanceof Error) throw body
  if (body === undefined || body === null) return empty
  throw bodyAlreadyParsed(
    'another content-type parser was added to this scope after verifyWebhook; register verifyWebhook in a scope of its own, ' +
      'app.register(async (scope) => { scope.register(verifyWebhook, options); scope.post(…) })',
  )
}
