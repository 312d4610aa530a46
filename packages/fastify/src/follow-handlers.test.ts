import { once } from 'node:events'
import { channel } from 'node:diagnostics_channel'
import { memoryDedupe, type DedupeStore } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { describe, expect, test } from 'vitest'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
const post = { ...signedRequest({ secret, id: 'msg_1' }), method: 'POST' } as const

describe('a delivery', () => {
  // Fastify sends nothing for it then, so no end of the response told, and the delivery stayed claimed.
  test('is done by a handler that returns nothing once its client has gone', async () => {
    await using started = await start([(run) => run.gate])
    await started.goAway()
    started.finish()
    expect(await started.settled).toBe('commit')
  })

  test('is not done by one that sets another status', async () => {
    await using started = await start([
      async (run, reply) => {
        reply.code(500)
        await run.gate
      },
    ])
    await started.goAway()
    started.finish()
    expect(await started.settled).toBe('abort')
  })

  test('is held while the handler runs, though a hook has answered in its place', async () => {
    await using started = await start([(run) => run.gate], (app) => {
      app.addHook(
        'preHandler',
        async (_request, reply) => void started.running.then(() => reply.code(503).send()),
      )
    })
    expect((await started.post()).statusCode).toBe(503)
    expect((await started.post()).statusCode).toBe(409)
    started.finish()
    expect(await started.settled).toBe('abort')
  })

  test('is done by a handler that answers itself, with a callback or with the raw response', async () => {
    for (const handler of [
      (_run, reply) => void reply.code(201).send(),
      async (_run, reply) => {
        reply.hijack()
        reply.raw.writeHead(201).end()
      },
    ] satisfies Step[]) {
      await using started = await start([handler])
      expect((await started.post()).statusCode).toBe(201)
      expect(await started.settled).toBe('commit')
    }
  })
})

test('no handler is followed once the application is closed, nor without a store', async () => {
  const started = channel('tracing:fastify.request.handler:start')
  const app = fastify()
  app.register(verifyWebhook, { secret, dedupe: memoryDedupe() })
  await app.ready()
  expect(started.hasSubscribers).toBe(true)
  await app.close()
  expect(started.hasSubscribers).toBe(false)

  await using without = fastify()
  without.register(verifyWebhook, { secret })
  await without.ready()
  expect(started.hasSubscribers).toBe(false)
})

type Reply = Parameters<RouteHandlerMethod>[1]
type Step = (run: { gate: Promise<void> }, reply: Reply) => unknown

/** Starts an application whose handler does one step a request, and which remembers deliveries. */
async function start([step]: [Step], prepare: (app: FastifyInstance) => void = () => {}) {
  const gate = Promise.withResolvers<void>()
  const running = Promise.withResolvers<void>()
  const settled = Promise.withResolvers<'commit' | 'abort'>()
  const gone = Promise.withResolvers<void>()
  const store = memoryDedupe()
  const dedupe: DedupeStore = {
    ...store,
    async begin(id) {
      const state = await store.begin(id)
      if (typeof state === 'string') return state
      return {
        ...state,
        commit: () => state.commit().finally(() => settled.resolve('commit')),
        abort: () => state.abort().finally(() => settled.resolve('abort')),
      }
    },
  }
  const app = fastify({ forceCloseConnections: true })
  const started = {
    running: running.promise,
    settled: settled.promise,
    finish: gate.resolve,
    post: () => app.inject(post),
    async goAway() {
      const origin = await app.listen({ port: 0, host: '127.0.0.1' })
      const client = new AbortController()
      const posted = fetch(origin + post.url, { ...post, signal: client.signal })
      await running.promise
      client.abort()
      await expect(posted).rejects.toThrow('aborted')
      await gone.promise
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, dedupe })
    prepare(scope)
    scope.addHook(
      'onRequest',
      async (_request, reply) => void once(reply.raw, 'close').then(() => gone.resolve()),
    )
    scope.post('/automation', (_request, reply) => {
      running.resolve()
      return step({ gate: gate.promise }, reply)
    })
  })
  await app.ready()
  return started
}
