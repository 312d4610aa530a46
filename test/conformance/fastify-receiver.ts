import type { TaskEvent } from '@taskhook/core'
import { verifyWebhook } from '@taskhook/fastify'
import fastify, { type FastifyError } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { StartReceiver } from './receiver.ts'

/** Starts an application on Fastify, with an error handler of its own. */
export const startFastify: StartReceiver = async ({ options, handler, onRefused }) => {
  const app = fastify({ forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } })
  app.setErrorHandler<FastifyError & { headers?: Record<string, string> }>((error, _request, reply) => {
    onRefused?.(error.code)
    return reply
      .code(error.statusCode ?? 500)
      .headers(error.headers ?? {})
      .send({ code: error.code })
  })
  app.register(async (scope) => {
    scope.register(verifyWebhook, options)
    scope.all<{ Webhook: TaskEvent }>('/automation', (request, reply) =>
      Promise.resolve(handler(request.webhook)).then((status) => reply.code(status).send()),
    )
  })
  // As in listen().
  app.server.keepAliveTimeout = 0
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    port: (app.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => app.close(),
  }
}
