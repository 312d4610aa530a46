import { memoryDedupe, OptionError, type VerifierOptions } from '@taskhook/core'
import fastify, { type RouteHandlerMethod } from 'fastify'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { answerEvent, logTo, noConnection, secret, signed, withScope } from './test-application.ts'
import { verifyWebhook } from './verify-webhook.ts'

const event = { taskId: '1', eventType: 'OrderAccepted', orderId: '1' }

describe('a scope with verifyWebhook', () => {
  test('gives the handlers of its routes the webhook, as it arrived', async () => {
    await using app = withScope({ secret }, (scope) => {
      scope.post('/automation/', async ({ webhook: { rawBody, ...webhook } }) => ({
        ...webhook,
        text: Buffer.from(rawBody).toString(),
      }))
    })
    const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000)
    const body = '{"taskId":"1", "eventType":"OrderAccepted"}'
    const response = await app.inject(signed({ body, id: 'msg_1', sentAt, key: 'north' }))
    expect(response.json()).toEqual({
      event,
      installation: 'north',
      delivery: { id: 'msg_1', sentAt: sentAt.toISOString() },
      text: body,
    })
  })

  test('gives them what the schema makes', async () => {
    const schema = z.object({ id: z.coerce.number() })
    await using app = withScope({ secret, schema }, (scope) => {
      scope.post<{ Webhook: z.infer<typeof schema> }>('/automation', ({ webhook }) =>
        Promise.resolve(webhook.event),
      )
    })
    expect((await app.inject(signed({ body: '{"id":"7"}' }))).json()).toEqual({ id: 7 })
  })

  test('may be the root', async () => {
    await using app = fastify()
    app.register(verifyWebhook, { secret })
    app.post('/automation', answerEvent)
    expect((await app.inject(signed())).json()).toEqual(event)
    expect((await app.inject(signed({ secret: 'a guess' }))).statusCode).toBe(401)
  })

  test('works on a real server', async () => {
    await using app = withScope({ secret, key: 'north' }, (scope) => scope.post('/automation/', answerEvent))
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const { method, url, headers, body } = signed({ key: 'north' })
    expect(await (await fetch(origin + url, { method, headers, body })).json()).toEqual(event)
  })

  test('protects a route that was declared before it', async () => {
    await using app = fastify()
    app.register(async (scope) => {
      scope.post('/automation', answerEvent)
      scope.register(verifyWebhook, { secret })
    })
    expect((await app.inject(signed())).json()).toEqual(event)
    expect((await app.inject(signed({ secret: 'a guess' }))).statusCode).toBe(401)
  })

  test('may be registered twice: each verifies, and the delivery is handled once', async () => {
    const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
    const options = { secret, dedupe: memoryDedupe() }
    await using app = withScope(options, (scope) => {
      scope.register(verifyWebhook, options)
      scope.post('/automation', handler)
      scope.register(async (inner) => {
        inner.register(verifyWebhook, { ...options, secret: 'another secret' })
        inner.post('/strict', handler)
      })
    })
    expect((await app.inject(signed({ id: 'msg_1' }))).statusCode).toBe(200)
    expect((await app.inject(signed({ id: 'msg_1' }))).statusCode).toBe(204)
    expect(handler).toHaveBeenCalledOnce()
    expect((await app.inject(signed({ id: 'msg_2', url: '/strict' }))).statusCode).toBe(401)
  })

  test('refuses a body that a hook has had decoded', async () => {
    await using app = withScope({ secret }, (scope) => {
      scope.addHook('onRequest', async ({ raw }) => void raw.setEncoding('utf8'))
      scope.post('/automation', answerEvent)
    })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const { method, url, headers, body } = signed()
    const response = await fetch(origin + url, { method, headers, body })
    expect(await response.json()).toMatchObject({ statusCode: 500, code: 'body_already_parsed' })
  })

  test('takes the options of register too, and refuses one that is not known', async () => {
    await using app = fastify()
    app.register(verifyWebhook, { secret, logLevel: 'warn', prefix: '/hooks' })
    await app.ready()
    await using misspelt = withScope({ secret, replayprotection: 'required' } as VerifierOptions, () => {})
    await expect(misspelt.ready()).rejects.toThrow('the nearest one is "replayProtection"')
  })

  test('protects the scopes within it', async () => {
    await using app = withScope({ secret }, (scope) => {
      scope.register(async (inner) => void inner.post('/automation', answerEvent), { prefix: '/inner' })
    })
    expect((await app.inject(signed({ url: '/inner/automation' }))).json()).toEqual(event)
    expect((await app.inject(signed({ url: '/inner/automation', secret: 'a guess' }))).statusCode).toBe(401)
  })

  test('fails closed for a scope within it that was loaded before, and so parses bodies in its own way', async () => {
    const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
    await using app = fastify()
    app.register(async (scope) => {
      scope.register(async (inner) => void inner.post('/automation', handler))
      scope.register(verifyWebhook, { secret })
    })
    expect((await app.inject(signed())).json()).toMatchObject({
      statusCode: 500,
      code: 'body_already_parsed',
    })
    expect(handler).not.toHaveBeenCalled()
  })

  test('has a secret of its own beside another one', async () => {
    await using app = fastify()
    for (const tenant of ['north', 'south']) {
      app.register(
        async (scope) => {
          scope.register(verifyWebhook, { secret: `the secret of ${tenant}` })
          scope.post('/automation', answerEvent)
        },
        { prefix: tenant },
      )
    }
    const south = signed({ url: '/south/automation', secret: 'the secret of south' })
    expect((await app.inject(south)).statusCode).toBe(200)
    expect((await app.inject({ ...south, url: '/north/automation' })).json()).toMatchObject({
      code: 'signature_mismatch',
    })
  })

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'PUT'] as const)(
    'lets no %s without a signature through',
    async (method) => {
      const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
      await using app = withScope({ secret }, (scope) => scope.all('/automation', handler))
      expect((await app.inject({ method, url: '/automation' })).statusCode).toBe(401)
      expect(handler).not.toHaveBeenCalled()
    },
  )

  test('takes a GET for one without a body, whatever it has', async () => {
    await using app = withScope({ secret }, (scope) => scope.all('/automation', answerEvent))
    const response = await app.inject({ ...signed(), method: 'GET' })
    expect(response.json()).toMatchObject({ statusCode: 401, code: 'signature_mismatch' })
  })

  test('leaves an unknown path a 404', async () => {
    await using app = fastify()
    app.register(
      async (scope) => {
        scope.register(verifyWebhook, { secret })
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'))
        scope.post('/automation', answerEvent)
      },
      { prefix: '/hooks' },
    )
    const elsewhere = await app.inject(signed({ url: '/elsewhere' }))
    expect(elsewhere.statusCode).toBe(404)
    const within = await app.inject(signed({ url: '/hooks/elsewhere', secret: false }))
    expect([within.statusCode, within.body]).toEqual([404, 'nothing here'])
  })

  test('does not run the handler for what is only acknowledged, and logs it', async () => {
    const { lines, logger } = logTo()
    const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
    await using app = withScope(
      { secret, dedupe: memoryDedupe() },
      (scope) => scope.post('/automation', handler),
      fastify({ logger }),
    )
    const unknown = await app.inject(signed({ body: '{"taskId":"1","eventType":"OrderArchived"}' }))
    expect([unknown.statusCode, unknown.body]).toEqual([204, ''])
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 30, reqId: 'req-1', outcome: 'ignored', eventType: 'OrderArchived' }),
    )
    expect(handler).not.toHaveBeenCalled()

    await app.inject(signed({ id: 'msg_1' }))
    expect((await app.inject(signed({ id: 'msg_1' }))).statusCode).toBe(204)
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 30,
        reqId: 'req-3',
        outcome: 'duplicate',
        delivery: expect.objectContaining({ id: 'msg_1' }),
      }),
    )
    expect(handler).toHaveBeenCalledOnce()
  })

  test('logs an error when the dedupe store fails after the answer', async () => {
    const { failed, logger } = logTo()
    const claim = { commit: noConnection, abort: noConnection, renew: async () => true }
    const dedupe = { ...memoryDedupe(), begin: async () => claim }
    await using app = withScope(
      { secret, dedupe },
      (scope) => scope.post('/automation', answerEvent),
      fastify({ logger }),
    )
    expect((await app.inject(signed())).statusCode).toBe(200)
    expect(await failed).toMatchObject({ reqId: 'req-1', err: { code: 'dedupe_unavailable' } })
  })

  test('never logs a secret', async () => {
    const { lines, logger } = logTo('trace')
    await using app = withScope(
      { secret, key: 'the-key-of-north' },
      (scope) => scope.post('/automation/', answerEvent),
      fastify({ logger }),
    )
    await app.inject(signed({ key: 'the-key-of-north' }))
    await app.inject(signed({ key: 'the-key-of-north', secret: 'a guess' }))
    await app.inject(signed({ key: 'another-key' }))
    // Fastify's own line for a request has its URL.
    const text = JSON.stringify(lines.filter((line) => !('req' in line)))
    expect(text).toContain('signature_mismatch')
    expect(text).not.toContain(secret)
    expect(text).not.toContain('the-key-of-north')
  })

  test('does not start the handler for a client that has gone, and lets its retry through', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<string>()
    const gone = Promise.withResolvers<void>()
    const refused = Promise.withResolvers<unknown>()
    const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
    const findSecret = (): Promise<string> => {
      asked.resolve()
      return gate.promise
    }
    await using app = withScope(
      { secret: findSecret, dedupe: memoryDedupe() },
      (scope) => scope.post('/automation', handler),
      fastify({ forceCloseConnections: true }),
    )
    app.addHook('onRequest', async (_request, reply) => void reply.raw.once('close', gone.resolve))
    app.addHook('onError', async (_request, _reply, error) => refused.resolve(error))
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })

    const client = new AbortController()
    const { method, url, headers, body } = signed({ id: 'msg_1' })
    const posted = fetch(origin + url, { method, headers, body, signal: client.signal })
    await asked.promise
    client.abort()
    await expect(posted).rejects.toThrow('aborted')
    await gone.promise
    gate.resolve(secret)

    expect(await refused.promise).toMatchObject({ code: 'body_unreadable' })
    expect(handler).not.toHaveBeenCalled()
    expect((await fetch(origin + url, { method, headers, body })).status).toBe(200)
  })

  test('refuses options that cannot work when the application gets ready', async () => {
    for (const options of [{ secret: ' ' }, { secret, contentType: null as never }]) {
      await using app = withScope(options, () => {})
      await expect(app.ready()).rejects.toBeInstanceOf(OptionError)
    }
  })
})
