import { bodyAlreadyParsed, readBody, type BodyLimits } from '@taskhook/core'

/**
 * The bytes of a request as they arrived, up to the limits.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_timeout`, `body_unreadable`.
 */
export async function readRawBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) {
    throw bodyAlreadyParsed('verify the request first, or give verifyWebhook a request.clone() made before')
  }
  if (request.body === null) return new Uint8Array()
  const declaredLength = request.headers.get('content-length') ?? undefined
  return readBody(request.body, { ...limits, declaredLength })
}
