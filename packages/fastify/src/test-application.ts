import type { VerifierOptions } from '@taskhook/core'
import { signedRequest, type SignedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { verifyWebhook } from './verify-webhook.ts'

/** What all requests of these tests are signed with. */
export const secret = 'a secret that both sides share'

/** What Fastify logs. */
interface TestLog {
  lines: object[]
  failed: Promise<object>
  logger: { level: string; stream: { write(text: string): void } }
}

export function parse(_request: unknown, body: string, done: (error: null, body: unknown) => void): void {
  done(null, JSON.parse(body))
}

export const answerEvent: RouteHandlerMethod = async ({ webhook }) => webhook.event

/** An application with one scope that is protected. */
export function withScope(
  options: VerifierOptions<unknown>,
  addRoutes: (scope: FastifyInstance) => unknown,
  app: FastifyInstance = fastify(),
): FastifyInstance {
  app.register(async (scope) => {
    scope.register(verifyWebhook, options)
    addRoutes(scope)
  })
  return app
}

export function signed(options: Partial<SignedRequestOptions> = {}): SignedRequest {
  return signedRequest({ secret, taskId: '1', ...options })
}

/** What Fastify logs, line by line, and the first of them that is an error. */
export function logTo(level = 'info'): TestLog {
  const lines: object[] = []
  const { promise: failed, resolve } = Promise.withResolvers<object>()
  const stream = {
    write(text: string) {
      const line = JSON.parse(text) as { level: number }
      lines.push(line)
      if (line.level >= 50) resolve(line)
    },
  }
  return { lines, failed, logger: { level, stream } }
}

export function noConnection(): Promise<never> {
  return Promise.reject(new Error('no connection'))
}
