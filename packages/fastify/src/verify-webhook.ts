import type { FastifyPluginAsync, FastifyReply, RegisterOptions } from 'fastify'
import {
  bodyUnreadable,
  checkOptions,
  createVerifier,
  isClaimed,
  isGone,
  observeRequest,
  readBodyLimits,
  receiveAgain,
  receiveWebhook,
  settleWithResponse,
  verifierOptionNames,
  WebhookError,
  type Verification,
  type VerifierOptions,
} from '@taskhook/core'
import fastifyPlugin from 'fastify-plugin'
import { followHandlers } from './follow-handlers.ts'
import { createBodyParser } from './create-body-parser.ts'
import { readRawBody } from './read-raw-body.ts'

const plugin: FastifyPluginAsync<VerifierOptions<unknown>> = async (scope, given) => {
  // Before they are spread, which makes an object of whatever was given.
  checkOptions<VerifierOptions<unknown> & RegisterOptions>(given, optionNames)
  const options = withoutRegisterOptions(given ?? {})
  const { contentType = 'required' } = options
  const checked = { ...options, contentType }
  const verifier = createVerifier(checked)
  // For a request whose delivery is claimed already, as this is registered twice.
  const verifierAgain = options.dedupe && createVerifier({ ...checked, dedupe: undefined })
  const parse = createBodyParser(readBodyLimits(options))

  scope.removeAllContentTypeParsers()
  // JSON too, since Fastify works out anew for each request that nothing but the asterisk is left. As an expression, which
  // does not make the application's own parser for the name an error.
  for (const parsed of [/^application\/json/, '*']) {
    scope.addContentTypeParser(parsed, parse)
  }
  if (!scope.hasRequestDecorator('webhook')) scope.decorateRequest('webhook')

  const settleWithHandler = options.dedupe === undefined ? undefined : followHandlers(scope)

  // With a callback: a promise, and the turn of the queue that it waits, costs each request what the check itself does.
  scope.addHook('preValidation', (request, reply, done) => {
    // Not a route: an unknown path stays a 404.
    if (request.is404) return done()
    const earlier: typeof request.webhook | undefined = request.webhook
    // Registered twice, the first one tells of the request.
    const observation = earlier === undefined ? observeRequest(request.headers) : undefined
    const isAgain = earlier !== undefined && isClaimed(earlier)
    let verification
    try {
      verification = ((isAgain && verifierAgain) || verifier).verifyNow({
        headers: request.headers,
        url: request.originalUrl,
        body: readRawBody(request),
      })
    } catch (error) {
      if (WebhookError.isInstance(error) && error.code === 'body_timeout') closeAfter(reply)
      return refuse(error as Error)
    }
    if (verification instanceof Promise) verification.then(proceed, refuse)
    else proceed(verification)

    function refuse(error: Error): void {
      observation?.refused(error)
      done(error)
    }
    function proceed(verified: Verification<unknown>): void {
      observation?.verified(verified)
      if (verified.outcome !== 'event') {
        request.log.info(verified, 'webhook acknowledged without handling it')
        reply.code(204).send()
        return
      }
      if (isAgain) {
        request.webhook = receiveAgain(verified.webhook, earlier) as typeof request.webhook
        return done()
      }
      const report = (error: unknown): void => {
        request.log.error(error, 'the dedupe store failed after the webhook was answered')
      }
      const { webhook, delivery } = receiveWebhook(verified, report, observation)
      if (isGone(reply.raw)) {
        void delivery.end(false)
        return done(bodyUnreadable(new Error('the client has gone')))
      }
      if (settleWithHandler !== undefined) settleWithHandler(reply, delivery)
      else settleWithResponse(reply.raw, delivery)
      // A route says which event it expects; to all of them together it is unknown.
      request.webhook = webhook as typeof request.webhook
      if (observation === undefined) done()
      else observation.run(done)
    }
  })
}

/** An error handler of the application's may set no header of the error's. HTTP/2 has no such header. */
function closeAfter(reply: FastifyReply): void {
  if (reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
}

const optionNames = { ...verifierOptionNames, prefix: true, logLevel: true, logSerializers: true } as const

/** Fastify gives a plugin its own options of `register` too. */
function withoutRegisterOptions(
  options: VerifierOptions<unknown> & RegisterOptions,
): VerifierOptions<unknown> {
  const { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...rest } = options
  return rest
}

/**
 * The Fastify plugin that lets only authentic webhooks through to the routes of the scope it is registered in, as
 * `request.webhook`. Bodies of that scope, and of no other, are kept as the bytes that arrived. Fastify 5.
 *
 * A refused request throws a `WebhookError` with `statusCode` and `code`, for the application's error handler. A body
 * over `bodyLimitInBytes`, or over the route's own lower `bodyLimit`, is Fastify's `FST_ERR_CTP_BODY_TOO_LARGE` (413). An event type that is
 * not known and a repeat that was handled before are answered with 204, and the handler does not run.
 *
 * @throws OptionError for an option that cannot work, when the plugin is loaded.
 * @example
 * app.register(async (scope) => {
 *   scope.register(verifyWebhook, { secret })
 *   scope.post('/automation', async (request, reply) => {
 *     await refreshTask(request.webhook.event.taskId)
 *     return reply.code(204).send()
 *   })
 * })
 */
export const verifyWebhook: FastifyPluginAsync<VerifierOptions<unknown>> = fastifyPlugin(plugin, {
  fastify: '5.x',
  name: '@taskhook/fastify',
})
