import type { EventType, ReceivedWebhook, TaskEvent } from '@taskhook/core'
import express, { type Request } from 'express'
import { describe, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
const schema = z.object({ id: z.coerce.number(), kind: z.enum(['opened', 'closed']) })
type Ticket = z.infer<typeof schema>

describe('request.webhook', () => {
  test('is of a task event by default', () => {
    express().post('/automation', verifyWebhook({ secret }), (request) => {
      expectTypeOf(request.webhook).toEqualTypeOf<ReceivedWebhook<TaskEvent>>()
      expectTypeOf(request.webhook.event).toEqualTypeOf<TaskEvent>()
      expectTypeOf(request.webhook.event.eventType).toEqualTypeOf<EventType>()
    })
  })

  test('is of what the schema makes, in the next handler and in those after', () => {
    express().post(
      '/automation',
      verifyWebhook({ secret, schema }),
      (request, _response, next) => {
        expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
        next()
      },
      (request) => {
        expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
      },
    )
  })

  test('is so in a router, in app.route() and after app.use()', () => {
    express.Router().post('/automation', verifyWebhook({ secret, schema }), (request) => {
      expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
    })
    express()
      .route('/automation')
      .post(verifyWebhook({ secret, schema }), (request) => {
        expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
      })
    express().use('/hooks', verifyWebhook({ secret, schema }), (request) => {
      expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
    })
  })

  test('is of a task event where the middleware is mounted somewhere else', () => {
    express().post('/automation', (request) => {
      expectTypeOf(request.webhook.event).toEqualTypeOf<TaskEvent>()
    })
    expectTypeOf<Request['webhook']['event']>().toEqualTypeOf<TaskEvent>()
  })

  test('leaves the query as Express has it, and takes any parameter of the path', () => {
    express().post('/automation/:tenant', verifyWebhook({ secret, schema }), (request, response) => {
      const tenant: string = request.params.tenant
      expectTypeOf(tenant).toBeString()
      expectTypeOf(request.query).toEqualTypeOf<Request['query']>()
      response.locals['anything'] = 1
      response.status(200).json({})
    })
  })
})
