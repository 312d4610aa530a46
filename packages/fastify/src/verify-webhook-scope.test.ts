import { memoryDedupe, WebhookError } from '@taskhook/core'
import fastify, { type RouteHandlerMethod } from 'fastify'
import { describe, expect, test, vi } from 'vitest'
import { answerEvent, parse, secret, signed, withScope } from './test-application.ts'
import { verifyWebhook } from './verify-webhook.ts'

const event = { taskId: '1', eventType: 'OrderAccepted', orderId: '1' }

describe('a refusal', () => {
  test('is answered by Fastify with its status and code', async () => {
    await using app = withScope({ secret }, (scope) => scope.post('/automation', answerEvent))
    const response = await app.inject(signed({ secret: 'a guess' }))
    expect(response.statusCode).toBe(401)
    expect(response.json()).toEqual({
      statusCode: 401,
      code: 'signature_mismatch',
      error: 'Unauthorized',
      message: expect.stringContaining('X-Signature does not match'),
    })
  })

  test('is answered by Fastify with its headers', async () => {
    const gate = Promise.withResolvers<string>()
    const started = Promise.withResolvers<void>()
    await using app = withScope({ secret, dedupe: memoryDedupe() }, (scope) =>
      scope.post('/automation', () => {
        started.resolve()
        return gate.promise
      }),
    )
    const first = app.inject(signed({ id: 'msg_1' }))
    await started.promise
    const second = await app.inject(signed({ id: 'msg_1' }))
    expect(second.statusCode).toBe(409)
    expect(second.headers['retry-after']).toBe('1')
    gate.resolve('done')
    expect((await first).statusCode).toBe(200)
  })

  test('goes to the error handler of the application', async () => {
    await using app = fastify()
    app.setErrorHandler((error, _request, reply) => {
      if (!WebhookError.isInstance(error)) throw error
      return reply.code(418).send(error.toProblem())
    })
    app.register(async (scope) => {
      scope.register(verifyWebhook, { secret })
      scope.post('/automation', answerEvent)
    })
    const response = await app.inject(signed({ secret: false }))
    expect(response.statusCode).toBe(418)
    expect(response.json()).toMatchObject({ status: 401, code: 'signature_missing' })
  })

  test('for the size of the body comes from Fastify, by our limit', async () => {
    await using app = withScope({ secret, bodyLimitInBytes: 1000 }, (scope) =>
      scope.post('/automation', answerEvent),
    )
    const response = await app.inject(signed({ body: ' '.repeat(1001) }))
    expect(response.statusCode).toBe(413)
    expect(response.json()).toMatchObject({ code: 'FST_ERR_CTP_BODY_TOO_LARGE' })
  })

  test('for the size of the body goes by the lower one of our limit and that of the route', async () => {
    await using app = withScope({ secret, bodyLimitInBytes: 1000 }, (scope) => {
      scope.post('/lower', { bodyLimit: 500 }, answerEvent)
      scope.post('/higher', { bodyLimit: 2000 }, answerEvent)
    })
    const lower = await app.inject(signed({ url: '/lower', body: ' '.repeat(501) }))
    expect(lower.json()).toMatchObject({ statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' })
    const higher = await app.inject(signed({ url: '/higher', body: ' '.repeat(1001) }))
    expect(higher.json()).toMatchObject({ statusCode: 413, code: 'body_too_large' })
  })
})

describe('the other routes of the application', () => {
  test('have their JSON parsed, and no prototype poisoned', async () => {
    await using app = withScope({ secret }, (scope) => scope.post('/automation', answerEvent))
    app.post('/other', async ({ body }) => body)
    expect((await app.inject({ method: 'POST', url: '/other', body: { some: 'thing' } })).json()).toEqual({
      some: 'thing',
    })
    const poisoned = await app.inject({
      method: 'POST',
      url: '/other',
      headers: { 'content-type': 'application/json' },
      body: '{"__proto__":{"admin":true}}',
    })
    expect(poisoned.json()).toMatchObject({ statusCode: 400, code: 'FST_ERR_CTP_INVALID_JSON_BODY' })
    const unsupported = await app.inject({
      method: 'POST',
      url: '/other',
      headers: { 'content-type': 'application/xml' },
      body: '<some/>',
    })
    expect(unsupported.statusCode).toBe(415)
  })

  test('keep a parser for application/json that was added to the root before', async () => {
    await using app = fastify()
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) =>
      done(null, { length: text.length }),
    )
    app.register(async (scope) => {
      scope.register(verifyWebhook, { secret })
      scope.post('/automation', answerEvent)
    })
    app.post('/other', async ({ body }) => body)
    expect((await app.inject(signed())).json()).toEqual(event)
    expect((await app.inject({ method: 'POST', url: '/other', body: { some: 'thing' } })).json()).toEqual({
      length: 16,
    })
  })
})

describe('another parser in the same scope', () => {
  test('gives way when it was added before', async () => {
    await using app = fastify()
    app.register(async (scope) => {
      scope.removeContentTypeParser('application/json')
      scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, parse)
      scope.register(verifyWebhook, { secret })
      scope.post('/automation', answerEvent)
    })
    expect((await app.inject(signed())).json()).toEqual(event)
  })

  test('takes the bytes when it is added after, and the error says what to do', async () => {
    await using app = fastify()
    app.register(async (scope) => {
      await scope.register(verifyWebhook, { secret })
      scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, parse)
      scope.post('/automation', answerEvent)
    })
    expect((await app.inject(signed())).json()).toMatchObject({
      statusCode: 500,
      code: 'body_already_parsed',
      message: expect.stringContaining('register verifyWebhook in a scope of its own'),
    })
  })

  test('makes no body pass unverified by giving none', async () => {
    const handler = vi.fn<RouteHandlerMethod>(async () => 'done')
    await using app = fastify()
    app.register(async (scope) => {
      await scope.register(verifyWebhook, { secret })
      scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (_request, _body, done) =>
        done(null, undefined),
      )
      scope.post('/automation', handler)
    })
    expect((await app.inject(signed())).statusCode).toBe(401)
    expect(handler).not.toHaveBeenCalled()
  })
})
