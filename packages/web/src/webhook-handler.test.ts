import { getEventListeners } from 'node:events'
import { memoryDedupe, OptionError, type DedupeStore, type TaskEvent } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import { Hono } from 'hono'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import * as z from 'zod'
import { webhookHandler, type WebhookHandlerOptions, type WebhookRequestHandler } from './webhook-handler.ts'

const secret = 'a secret that both sides share'

type OnError = NonNullable<WebhookHandlerOptions['onError']>

describe('what a handler answers', () => {
  test('is a 204 when it returns nothing', async () => {
    const seen: TaskEvent[] = []
    const handle = webhookHandler({ secret }, ({ event }) => {
      seen.push(event)
    })
    const response = await handle(request())
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(seen).toEqual([{ taskId: '1', eventType: 'OrderAccepted', orderId: '1' }])
  })

  test('is the response that it returns', async () => {
    const answer = new Response('noted', { status: 202 })
    expect(await webhookHandler({ secret }, () => answer)(request())).toBe(answer)
    expect(await webhookHandler({ secret }, async () => answer)(request())).toBe(answer)
  })

  test('may be made of the request', async () => {
    const handle = webhookHandler({ secret }, (_webhook, { method, url }) => Response.json({ method, url }))
    expect(await (await handle(request())).json()).toEqual({
      method: 'POST',
      url: 'https://localhost/automation',
    })
  })

  test.each<{ how: string; handler: WebhookRequestHandler<TaskEvent> }>([
    {
      how: 'throws',
      handler: () => {
        throw new Error('the password is 1234')
      },
    },
    { how: 'rejects', handler: () => Promise.reject(new Error('the password is 1234')) },
  ])('is a 500 without details when it $how, and onError is told', async ({ handler }) => {
    const onError = vi.fn<OnError>()
    const sent = request()
    const response = await webhookHandler({ secret, onError }, handler)(sent)
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
    })
    expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('the password is 1234'), sent)
  })

  test('is not asked for when there is nothing to handle', async () => {
    const handler = vi.fn<WebhookRequestHandler<TaskEvent>>()
    const body = '{"taskId":"1","eventType":"OrderArchived"}'
    expect((await webhookHandler({ secret }, handler)(request({ body }))).status).toBe(204)
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('a refusal', () => {
  test('is a problem that says why', async () => {
    const onError = vi.fn<OnError>()
    const response = await webhookHandler({ secret, onError }, unreachable)(request({ body: '{"taskId":1}' }))
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'https://github.com/taskhook/taskhook/blob/main/docs/errors/payload_invalid.md',
      title: 'Payload invalid',
      status: 400,
      detail: expect.stringContaining('taskId'),
      code: 'payload_invalid',
      issues: expect.arrayContaining([{ path: ['taskId'], message: expect.any(String) }]),
    })
    expect(onError).not.toHaveBeenCalled()
  })

  test('is told to onRefused, and a failure of the handler is not', async () => {
    const onRefused = vi.fn<NonNullable<WebhookHandlerOptions['onRefused']>>()
    const handle = webhookHandler({ secret, onRefused, onError: () => {} }, () => {
      throw new Error('the disk is full')
    })
    const sent = request({ secret: 'a guess' })
    await handle(sent)
    await handle(request())
    expect(onRefused).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'signature_mismatch' }),
      sent,
    )
  })

  test('for a failure on our side says nothing to the sender, and all to onError', async () => {
    const onError = vi.fn<OnError>()
    const cause = new Error('the vault is sealed')
    const response = await webhookHandler(
      { secret: () => Promise.reject(cause), onError },
      unreachable,
    )(request())
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      type: 'https://github.com/taskhook/taskhook/blob/main/docs/errors/secret_unavailable.md',
      title: 'Secret unavailable',
      status: 503,
      code: 'secret_unavailable',
    })
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'secret_unavailable', cause }),
      expect.any(Request),
    )
  })

  test('for a body that was read before tells onError which line to change', async () => {
    const onError = vi.fn<OnError>()
    const read = request()
    await read.text()
    const response = await webhookHandler({ secret, onError }, unreachable)(read)
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ code: 'body_already_parsed' })
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: expect.stringContaining('verify the request first') }),
      read,
    )
  })
})

describe('a delivery', () => {
  test('that is being handled is refused with retry-after, and is done when that succeeds', async () => {
    const gate = Promise.withResolvers<void>()
    const handler = vi.fn<WebhookRequestHandler<TaskEvent>>(() => gate.promise)
    const handle = webhookHandler({ secret, dedupe: memoryDedupe() }, handler)
    const first = handle(request({ id: 'msg_1' }))
    const second = await handle(request({ id: 'msg_1' }))
    expect(second.status).toBe(409)
    expect(second.headers.get('retry-after')).toBe('1')
    expect(second.headers.get('content-type')).toBe('application/problem+json')

    gate.resolve()
    expect((await first).status).toBe(204)
    expect((await handle(request({ id: 'msg_1' }))).status).toBe(204)
    expect(handler).toHaveBeenCalledOnce()
  })

  test('that the handler failed at is answered as it failed, whatever the dedupe store throws', async () => {
    const onError = vi.fn<OnError>()
    const failure = new Error('the disk is full')
    const dedupe = unsettled()
    const response = await webhookHandler({ secret, dedupe, onError }, () => Promise.reject(failure))(
      request(),
    )
    expect(response.status).toBe(500)
    expect(onError.mock.calls.map(([error]) => error)).toEqual([
      expect.objectContaining({ code: 'dedupe_unavailable' }),
      failure,
    ])
  })

  test('that was handled is answered so, whatever the dedupe store throws', async () => {
    const onError = vi.fn<OnError>()
    const dedupe = unsettled()
    const response = await webhookHandler({ secret, dedupe, onError }, () => {})(request())
    expect(response.status).toBe(204)
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'dedupe_unavailable' }),
      expect.any(Request),
    )
  })

  // It was given back with the client, and its retry ran beside it.
  test('is held while its handler runs, though the client has gone, and done when that succeeds', async () => {
    const gate = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const handle = webhookHandler({ secret, dedupe: memoryDedupe() }, () => {
      started.resolve()
      return gate.promise
    })
    const client = new AbortController()
    const first = handle(new Request(request({ id: 'msg_1' }), { signal: client.signal }))
    await started.promise
    client.abort()
    expect((await handle(request({ id: 'msg_1' }))).status).toBe(409)
    gate.resolve()
    await first
    expect((await handle(request({ id: 'msg_1' }))).status).toBe(204)
  })

  // @hono/node-server keeps what listens to a request's signal: 9 KB a delivery.
  test('leaves nothing that listens to the signal of its request', async () => {
    const sent = request()
    const handle = webhookHandler({ secret, dedupe: memoryDedupe() }, () => {
      expect(getEventListeners(sent.signal, 'abort')).toEqual([])
    })
    expect((await handle(sent)).status).toBe(204)
    expect(getEventListeners(sent.signal, 'abort')).toEqual([])
  })

  test('is not handled for a client that has gone, and its retry is', async () => {
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<string>()
    const client = new AbortController()
    const handler = vi.fn<WebhookRequestHandler<TaskEvent>>()
    const findSecret = (): Promise<string> => {
      asked.resolve()
      return gate.promise
    }
    const handle = webhookHandler({ secret: findSecret, dedupe: memoryDedupe() }, handler)
    const first = handle(new Request(request({ id: 'msg_1' }), { signal: client.signal }))
    await asked.promise
    client.abort()
    gate.resolve(secret)
    expect(await (await first).json()).toMatchObject({ code: 'body_unreadable' })
    expect(handler).not.toHaveBeenCalled()

    expect((await handle(request({ id: 'msg_1' }))).status).toBe(204)
    expect(handler).toHaveBeenCalledOnce()
  })
})

describe('webhookHandler', () => {
  test('checks its options at once', () => {
    expect(() => webhookHandler({ secret, onRefused: 'log' as never }, unreachable)).toThrow('onRefused')
    const misspelt = { secret, onErorr: () => {} } as WebhookHandlerOptions
    expect(() => webhookHandler(misspelt, unreachable)).toThrow('the nearest one is "onError"')
    expect(() => webhookHandler({ secret: '' }, unreachable)).toThrow(OptionError)
    expect(() => webhookHandler({ secret, onError: 'log' as never }, unreachable)).toThrow('onError')
    expect(() => webhookHandler({ secret }, undefined as never)).toThrow('handler')
    expect(() => webhookHandler(undefined as never, unreachable)).toThrow(OptionError)
    expect(() => webhookHandler({ secret, contentType: null as never }, unreachable)).toThrow('contentType')
  })

  test('gives the handler what the schema makes', async () => {
    const schema = z.object({ id: z.coerce.number(), kind: z.enum(['opened', 'closed']) })
    const handle = webhookHandler({ secret, schema }, ({ event }) => {
      expectTypeOf(event).toEqualTypeOf<{ id: number; kind: 'opened' | 'closed' }>()
      return Response.json(event)
    })
    const response = await handle(request({ body: '{"id":"7","kind":"opened"}' }))
    expect(await response.json()).toEqual({ id: 7, kind: 'opened' })
  })

  test('can be mounted in Hono', async () => {
    const handle = webhookHandler({ secret, key: 'north' }, ({ event }) => Response.json(event.taskId))
    const app = new Hono()
    app.post('/automation/', (context) => handle(context.req.raw))

    expect(await (await app.request(request({ key: 'north' }))).json()).toBe('1')
    expect((await app.request(request({ key: 'south' }))).status).toBe(401)
  })

  test('finds the body gone where a middleware of Hono has read it', async () => {
    const onError = vi.fn<OnError>()
    const handle = webhookHandler({ secret, onError }, unreachable)
    const app = new Hono()
    app.use(async (context, next) => {
      await context.req.json()
      await next()
    })
    app.post('/automation', (context) => handle(context.req.raw))

    expect(await (await app.request(request())).json()).toMatchObject({ code: 'body_already_parsed' })
    expect(onError).toHaveBeenCalledOnce()
  })
})

/** A store that can claim and nothing else. */
function unsettled(): DedupeStore {
  const claim = { commit: noConnection, abort: noConnection, renew: async () => true }
  return { ...memoryDedupe(), begin: async () => claim }
}

function noConnection(): Promise<never> {
  return Promise.reject(new Error('no connection'))
}

function unreachable(): never {
  throw new Error('the handler was run')
}

function request(options: Partial<SignedRequestOptions> = {}): Request {
  const { method, url, headers, body } = signedRequest({
    secret,
    taskId: '1',
    url: 'https://localhost/automation',
    ...options,
  })
  return new Request(url, { method, headers, body })
}
