import type { EventType, ReceivedWebhook, TaskEvent } from '@taskhook/core'
import fastify from 'fastify'
import { describe, expectTypeOf, test } from 'vitest'
import type { EventOfRoute } from './request.ts'

interface Ticket {
  id: number
}

describe('request.webhook', () => {
  test('is of a task event by default', () => {
    fastify().post('/automation', (request) => {
      expectTypeOf(request.webhook).toEqualTypeOf<ReceivedWebhook<TaskEvent>>()
      expectTypeOf(request.webhook.event).toEqualTypeOf<TaskEvent>()
      expectTypeOf(request.webhook.event.taskId).toBeString()
      expectTypeOf(request.webhook.event.eventType).toEqualTypeOf<EventType>()
    })
  })

  test('is of the event that the route names, beside the other types of the route', () => {
    fastify().post<{ Webhook: Ticket; Params: { tenant: string }; Querystring: { key: string } }>(
      '/automation/:tenant',
      (request) => {
        expectTypeOf(request.webhook).toEqualTypeOf<ReceivedWebhook<Ticket>>()
        expectTypeOf(request.params.tenant).toBeString()
        expectTypeOf(request.query.key).toBeString()
      },
    )
  })

  test('is of a task event on a route that names other types only', () => {
    fastify().post<{ Params: { tenant: string } }>('/automation/:tenant', (request) => {
      expectTypeOf(request.webhook.event).toEqualTypeOf<TaskEvent>()
    })
  })

  test('is there for what is generic over routes', () => {
    expectTypeOf<EventOfRoute<{ Webhook: Ticket }>>().toEqualTypeOf<Ticket>()
    expectTypeOf<EventOfRoute<{ Body: string }>>().toEqualTypeOf<TaskEvent>()
  })

  test('is there in route(), too', () => {
    fastify().route<{ Webhook: Ticket }>({
      method: 'POST',
      url: '/automation',
      handler: (request) => {
        expectTypeOf(request.webhook.event).toEqualTypeOf<Ticket>()
      },
    })
  })
})
