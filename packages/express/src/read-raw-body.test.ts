import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { WebhookError } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import express, { type Express, type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { startServer } from './test-server.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
const event = { taskId: '07c6ad8c', eventType: 'OrderSigned', orderId: '07c6ad8c' }

interface Versioned {
  version: string
  framework: typeof express
}

const versions: Versioned[] = [
  { version: 'Express 5', framework: express },
  { version: 'Express 4', framework: express4 },
]

describe.each(versions)('the bytes of a body in $version', ({ framework }) => {
  test('are read from the stream when nothing has touched it', async () => {
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), answerEvent)

    expect(await post(app)).toEqual({ status: 200, body: event })
  })

  test('are those that express.raw() has kept', async () => {
    const app = framework()
    app.use(framework.raw({ type: 'application/json' }))
    app.post('/automation', verifyWebhook({ secret }), answerEvent)

    expect(await post(app)).toEqual({ status: 200, body: event })
  })

  test('are read from the stream when express.raw() is for another content type', async () => {
    const app = framework()
    app.use(framework.raw())
    app.post('/automation', verifyWebhook({ secret }), answerEvent)

    expect(await post(app)).toEqual({ status: 200, body: event })
  })

  test('are over our limit even where express.raw() has a larger one', async () => {
    const app = framework()
    app.use(framework.raw({ type: 'application/json', limit: '1mb' }))
    app.post('/automation', verifyWebhook({ secret, bodyLimitInBytes: 1000 }), answerEvent)
    app.use(answerError)

    expect(await post(app, { body: ' '.repeat(1001) })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    })
  })

  test('are discarded past the limit, for a client that reads no answer before it has sent everything', async () => {
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)
    await using server = await startServer(app)

    const client = request(`${server.origin}/automation`, { method: 'POST' })
    const answered = once(client, 'response')
    // Without a content-length, and more than all the buffers on the way hold.
    client.write(Buffer.alloc(16 * 1024 * 1024))
    client.end()
    await once(client, 'finish')
    const [response] = (await answered) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    client.destroy()
  })

  test('are not what was signed once express.raw() has inflated them', async () => {
    const app = framework()
    app.use(framework.raw({ type: 'application/json' }))
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    const body = gzipSync(JSON.stringify(event))
    expect(await post(app, { body, headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      status: 401,
      body: { code: 'signature_mismatch' },
    })
  })

  test('are those in request.rawBody, with express.json() mounted before', async () => {
    const app = framework()
    app.use(framework.json({ verify: (raw, _response, bytes) => Object.assign(raw, { rawBody: bytes }) }))
    app.post('/automation', verifyWebhook({ secret }), answerEvent)

    // Spaces and 1.0 would be gone from an object that is made text again.
    const body = ` { "taskId": "07c6ad8c", "eventType": "OrderSigned", "version": 1.0 } `
    expect(await post(app, { body })).toEqual({ status: 200, body: event })
  })

  test('are gone once express.json() was mounted before, and the error says which line to change', async () => {
    const app = framework()
    app.use(framework.json())
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app)).toEqual({
      status: 500,
      body: {
        code: 'body_already_parsed',
        message: expect.stringContaining('mount verifyWebhook above express.json()'),
      },
    })
  })

  test('are gone once something has set an encoding, which decodes them', async () => {
    const app = framework()
    app.use((incoming, _response, next) => {
      incoming.setEncoding('utf8')
      next()
    })
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app)).toMatchObject({
      status: 500,
      body: { code: 'body_already_parsed', message: expect.stringContaining('setEncoding') },
    })
  })

  test('are gone once express.text() was mounted before', async () => {
    const app = framework()
    app.use(framework.text({ type: '*/*' }))
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app)).toMatchObject({ status: 500, body: { code: 'body_already_parsed' } })
  })

  test('are gone when request.rawBody is text', async () => {
    const app = framework()
    app.use(
      framework.json({
        verify: (raw, _response, bytes) => Object.assign(raw, { rawBody: bytes.toString() }),
      }),
    )
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app)).toMatchObject({ status: 500, body: { code: 'body_already_parsed' } })
  })

  test('are there when express.json() before had another content type to do with', async () => {
    const app = framework()
    app.use(framework.json(), framework.urlencoded({ extended: false }))
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app, { headers: { 'content-type': 'text/plain' } })).toMatchObject({
      status: 415,
      body: { code: 'content_type_unsupported' },
    })
  })

  test('are there when express.json() before had no body to do with', async () => {
    const app = framework()
    app.use(framework.json())
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(answerError)

    expect(await post(app, { body: '' })).toMatchObject({ status: 400, body: { code: 'body_empty' } })
  })

  test('have been read by the time an express.json() after it runs, which does no harm', async () => {
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), framework.json(), answerEvent)
    app.use(answerError)

    expect(await post(app)).toEqual({ status: 200, body: event })
  })

  test('are left to express.json() on every other route', async () => {
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), answerEvent)
    app.use(framework.json())
    app.post('/other', ({ body }, response) => response.json(body))

    expect(await post(app, { url: '/other', secret: false })).toEqual({
      status: 200,
      body: { taskId: event.taskId, eventType: event.eventType, orderId: event.orderId },
    })
  })
})

const answerEvent: RequestHandler = ({ webhook }, response) => {
  response.json(webhook.event)
}

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (!WebhookError.isInstance(error)) return next(error)
  response.status(error.status).json({ code: error.code, message: error.message })
}

/** Posts an event to the application, and reads what it says. */
async function post(
  app: Express,
  options: Partial<SignedRequestOptions<string | Uint8Array<ArrayBuffer>>> = {},
): Promise<{ status: number; body: unknown }> {
  await using server = await startServer(app)
  const { url, headers, body } = signedRequest<string | Uint8Array<ArrayBuffer>>({
    secret,
    taskId: event.taskId,
    eventType: 'OrderSigned',
    ...options,
  })
  const response = await fetch(server.origin + url, { method: 'POST', headers, body })
  return { status: response.status, body: await response.json() }
}
