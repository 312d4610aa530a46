import { once } from 'node:events'
import { memoryDedupe, OptionError, WebhookError } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { describe, expect, test, vi } from 'vitest'
import { startServer, type TestServer } from './test-server.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'

interface Versioned {
  version: string
  framework: typeof express
}

const versions: Versioned[] = [
  { version: 'Express 5', framework: express },
  { version: 'Express 4', framework: express4 },
]

describe('verifyWebhook', () => {
  test('checks its options when it is mounted', () => {
    expect(() => verifyWebhook({ secret: ' ' })).toThrow(OptionError)
    expect(() => verifyWebhook({ secret, contentType: null as never })).toThrow('contentType')
    expect(() => verifyWebhook({ secret, bodyLimitInBytes: 0 })).toThrow('bodyLimitInBytes')
  })
})

describe.each(versions)('verifyWebhook in $version', ({ framework }) => {
  test('gives every handler after it the webhook, as it arrived', async () => {
    const app = framework()
    const seen = vi.fn<(taskId: string) => void>()
    app.post(
      '/automation',
      verifyWebhook({ secret }),
      (request, _response, next) => {
        seen(request.webhook.event.taskId)
        next()
      },
      (request, response) => {
        const { event, rawBody, installation, delivery } = request.webhook
        response.json({ event, text: Buffer.from(rawBody).toString(), installation, delivery })
      },
    )
    await using server = await startServer(app)

    const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000)
    const body = '{"taskId":"1", "eventType":"OrderSigned"}'
    const response = await post(server, { body, id: 'msg_1', sentAt, key: 'north' })
    expect(await response.json()).toEqual({
      event: { taskId: '1', eventType: 'OrderSigned', orderId: '1' },
      text: body,
      installation: 'north',
      delivery: { id: 'msg_1', sentAt: sentAt.toISOString() },
    })
    expect(seen.mock.calls).toEqual([['1']])
  })

  test.each(['/automation', '/automation/'])('works under a router, asked for at /api%s', async (url) => {
    const router = framework.Router()
    router.post('/automation', verifyWebhook({ secret, key: 'north' }), answerTaskId)
    const app = framework()
    app.use('/api', router)
    await using server = await startServer(app)

    expect(await (await post(server, { url: `/api${url}?key=north` })).json()).toBe('1')
  })

  test('works for a whole prefix', async () => {
    const app = framework()
    app.use('/hooks', verifyWebhook({ secret, key: 'north' }), answerTaskId)
    app.use(answerError)
    await using server = await startServer(app)

    expect(await (await post(server, { url: '/hooks', key: 'north' })).json()).toBe('1')
    expect(await (await post(server, { url: '/hooks/a/b?key=north' })).json()).toBe('1')
    expect((await post(server, { url: '/hooks?key=south' })).status).toBe(401)
  })

  test('takes the key from the request as it was made, not from a rewritten URL', async () => {
    const app = framework()
    app.use((request, _response, next) => {
      request.url = '/automation?key=north'
      next()
    })
    app.post('/automation', verifyWebhook({ secret, key: 'north' }), answerTaskId)
    app.use(answerError)
    await using server = await startServer(app)

    expect((await post(server, { key: 'south' })).status).toBe(401)
  })

  test('passes a refusal on in the form of http-errors', async () => {
    const errors: unknown[] = []
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), answerTaskId)
    app.use(record(errors))
    await using server = await startServer(app)

    await post(server, { secret: 'a guess' })
    expect(errors).toEqual([expect.any(WebhookError)])
    expect(errors[0]).toMatchObject({
      code: 'signature_mismatch',
      status: 401,
      statusCode: 401,
      expose: true,
      headers: {},
    })
  })

  test('hides the message of a failure on our side', async () => {
    const errors: unknown[] = []
    const cause = new Error('the vault is sealed')
    const app = framework()
    app.post('/automation', verifyWebhook({ secret: () => Promise.reject(cause) }), answerTaskId)
    app.use(record(errors))
    await using server = await startServer(app)

    await post(server)
    expect(errors).toEqual([
      expect.objectContaining({ code: 'secret_unavailable', status: 503, expose: false, cause }),
    ])
  })

  test('has the status and headers that the error handler of Express answers with', async () => {
    const gate = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const app = framework().set('env', 'test')
    app.post('/automation', verifyWebhook({ secret, dedupe: memoryDedupe() }), (_request, response) => {
      started.resolve()
      void gate.promise.then(() => response.sendStatus(204))
    })
    await using server = await startServer(app)

    expect((await post(server, { secret: 'a guess' })).status).toBe(401)
    const first = post(server, { id: 'msg_1' })
    await started.promise
    const second = await post(server, { id: 'msg_1' })
    expect(second.status).toBe(409)
    expect(second.headers.get('retry-after')).toBe('1')
    gate.resolve()
    expect((await first).status).toBe(204)
  })

  test('leaves what a handler throws to the error handlers of the application', async () => {
    const failure = new Error('the disk is full')
    const errors: unknown[] = []
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), () => {
      throw failure
    })
    app.use(record(errors))
    await using server = await startServer(app)

    expect((await post(server)).status).toBe(500)
    expect(errors).toEqual([failure])
  })

  test('asks neither handler nor error handler when there is nothing to do', async () => {
    const ignored = vi.fn<(event: { eventType: string }) => void>()
    const reached = vi.fn<RequestHandler>()
    const errors: unknown[] = []
    const app = framework()
    app.post('/automation', verifyWebhook({ secret, onIgnored: ignored }), reached)
    app.use(record(errors))
    await using server = await startServer(app)

    const response = await post(server, { body: '{"taskId":"1","eventType":"OrderArchived"}' })
    expect(response.status).toBe(204)
    expect(ignored).toHaveBeenCalledExactlyOnceWith({ eventType: 'OrderArchived' })
    expect(reached).not.toHaveBeenCalled()
    expect(errors).toEqual([])
  })

  test('does not start the handler for a client that has gone, and lets its retry through', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<string>()
    const gone = Promise.withResolvers<void>()
    const refused = Promise.withResolvers<unknown>()
    const handled = vi.fn<RequestHandler>((_request, response) => response.sendStatus(204))
    const app = framework()
    app.use((_request, response, next) => {
      response.once('close', gone.resolve)
      next()
    })
    const findSecret = (): Promise<string> => {
      asked.resolve()
      return gate.promise
    }
    app.post('/automation', verifyWebhook({ secret: findSecret, dedupe: memoryDedupe() }), handled)
    app.use(((error, _request, _response, _next) => refused.resolve(error)) satisfies ErrorRequestHandler)
    await using server = await startServer(app)

    const client = new AbortController()
    const posted = post(server, { id: 'msg_1' }, client.signal)
    await asked.promise
    client.abort()
    await expect(posted).rejects.toThrow('aborted')
    await gone.promise
    gate.resolve(secret)

    expect(await refused.promise).toMatchObject({ code: 'body_unreadable' })
    expect(handled).not.toHaveBeenCalled()
    expect((await post(server, { id: 'msg_1' })).status).toBe(204)
  })

  // The second one found the stream read, or its own delivery in progress.
  test('may be mounted twice: each verifies, and the delivery is handled once', async () => {
    const handled = vi.fn<RequestHandler>((_request, response) => response.sendStatus(204))
    const app = framework()
    const options = { secret, dedupe: memoryDedupe() }
    app.use(verifyWebhook(options))
    app.post('/automation', verifyWebhook(options), handled)
    app.post('/strict', verifyWebhook({ ...options, secret: 'another secret' }), handled)
    app.use(answerError)
    await using server = await startServer(app)

    expect((await post(server, { id: 'msg_1' })).status).toBe(204)
    expect((await post(server, { id: 'msg_1' })).status).toBe(204)
    expect(handled).toHaveBeenCalledOnce()
    expect((await post(server, { id: 'msg_2', url: '/strict' })).status).toBe(401)
  })

  test('warns when the dedupe store fails after the answer', async () => {
    const app = framework()
    const claim = { commit: noConnection, abort: noConnection, renew: async () => true }
    const dedupe = { ...memoryDedupe(), begin: async () => claim }
    app.post('/automation', verifyWebhook({ secret, dedupe }), answerTaskId)
    await using server = await startServer(app)

    const warned = once(process, 'warning')
    expect((await post(server)).status).toBe(200)
    expect(await warned).toEqual([expect.objectContaining({ code: 'TASKHOOK_DEDUPE_FAILED' })])
  })
})

test('passes on what an async handler rejects with in Express 5, which waits for it', async () => {
  const failure = new Error('the disk is full')
  const errors: unknown[] = []
  const app = express()
  app.post('/automation', verifyWebhook({ secret }), async () => {
    throw failure
  })
  app.use(record(errors))
  await using server = await startServer(app)

  expect((await post(server)).status).toBe(500)
  expect(errors).toEqual([failure])
})

const answerTaskId: RequestHandler = (request, response) => {
  response.json(request.webhook.event.taskId)
}

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(error.status ?? 500).json({ code: error.code })
}

/** The same, with the errors kept. */
function record(errors: unknown[]): ErrorRequestHandler {
  return (error, request, response, next) => {
    errors.push(error)
    answerError(error, request, response, next)
  }
}

function post(
  { origin }: TestServer,
  options: Partial<SignedRequestOptions> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const { url, headers, body } = signedRequest({ secret, taskId: '1', ...options })
  return fetch(origin + url, { method: 'POST', headers, body, ...(signal && { signal }) })
}

function noConnection(): Promise<never> {
  return Promise.reject(new Error('no connection'))
}
