import type { IncomingMessage } from 'node:http'
import { readStream, WebhookError, type BodyLimits } from '@taskhook/core'
import { errorCodes, type FastifyRequest } from 'fastify'

/** Reads a body for a content type of Fastify's. */
export type BodyParser = (
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: null, body: unknown) => void,
) => void

/**
 * Makes the parser that keeps a body's bytes. What Fastify itself would do with `parseAs: 'buffer'`, but with a time limit,
 * and with an answer that a client gets to read: Fastify ends the connection of a body that it refuses, with what its
 * client is still sending on the way. So a refusal is no failure of this parser: it is the body, and `readRawBody` throws it.
 */
export function createBodyParser({ limitInBytes, timeoutInMs }: BodyLimits): BodyParser {
  return (request, payload, done) => {
    const { bodyLimit } = request.routeOptions
    const limits = {
      // A route that has a limit of its own, as far as can be told. The verifier looks at ours again.
      limitInBytes: bodyLimit === request.server.initialConfig.bodyLimit ? limitInBytes : bodyLimit,
      timeoutInMs,
      declaredLength: request.headers['content-length'],
    }
    readStream(payload, limits, (result) => {
      const isTooLarge = WebhookError.isInstance(result) && result.code === 'body_too_large'
      done(null, isTooLarge ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : result)
    })
  }
}
