import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSender, type Sender } from '@taskhook/sender'
import Fastify, { type FastifyInstance } from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import { answerProblem } from './problem.ts'
import { webhookRoutes } from './webhook-routes.ts'

let app: FastifyInstance
let sender: Sender
/** What the receiver answers. */
let status: number

beforeEach(async () => {
  status = 503
  const receiver = createServer((request, response) => {
    request.resume()
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo

  const folder = await mkdtemp(join(tmpdir(), 'taskhook-automation-'))
  sender = await createSender({
    webHook: {
      enabled: true,
      id: 'receiver',
      endpoint: `http://127.0.0.1:${port}/automation`,
      retrySchedule: ['PT0S'],
    },
    outbox: `sqlite:${join(folder, 'automation.db')}`,
  })
  app = Fastify()
  app.setErrorHandler(answerProblem)
  await app.register(webhookRoutes, { sender })
  return async () => {
    await app.close()
    await sender.stop()
    receiver.close()
    await rm(folder, { recursive: true })
  }
})

/** Resolves when a delivery has ended like this. */
function ended(how: 'delivered' | 'exhausted'): Promise<void> {
  return new Promise((resolve) => {
    const name = `taskhook.outbox.${how}`
    subscribe(name, function listener() {
      unsubscribe(name, listener)
      resolve()
    })
  })
}

async function send(taskId: string): Promise<string> {
  const { deliveries } = await sender.send({ taskId, eventType: 'OrderCreated' })
  return deliveries[0]!.id
}

async function get(path: string): Promise<unknown> {
  const response = await app.inject({ url: `/api/v2/webhooks${path}` })
  expect(response.statusCode).toBe(200)
  return response.json()
}

describe('GET /api/v2/webhooks/deliveries', () => {
  it('lists what was accepted, the latest first, by task and by state', async () => {
    const [first, second] = [await send('one'), await send('two')]
    expect(await get('/deliveries')).toMatchObject({ deliveries: [{ id: second }, { id: first }] })
    expect(await get('/deliveries?taskId=one&state=pending')).toMatchObject({
      deliveries: [{ id: first, taskId: 'one', eventType: 'OrderCreated', attemptCount: 0 }],
    })
    expect(await get('/deliveries?state=delivered')).toEqual({ deliveries: [] })
  })

  it.each(['state=lost', 'task=one', 'cursor=first'])('refuses ?%s with 400', async (query) => {
    const response = await app.inject({ url: `/api/v2/webhooks/deliveries?${query}` })
    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toContain('application/problem+json')
  })
})

describe('a delivery', () => {
  it('is shown with its attempts, and delivered under the same id when it is resent', async () => {
    const exhausted = ended('exhausted')
    await sender.start()
    const id = await send('one')
    await exhausted
    expect(await get(`/deliveries/${id}`)).toMatchObject({
      id,
      endpointId: 'receiver',
      state: 'exhausted',
      attempts: [{ number: 1, outcome: 'retry', status: 503 }],
    })

    status = 204
    const delivered = ended('delivered')
    const response = await app.inject({ method: 'POST', url: `/api/v2/webhooks/deliveries/${id}/resend` })
    expect(response.statusCode).toBe(202)
    await delivered
    expect(await get(`/deliveries/${id}`)).toMatchObject({
      state: 'delivered',
      attempts: [{ status: 503 }, { number: 2, outcome: 'delivered', status: 204 }],
    })
  })

  it.each([
    ['GET', '/none'],
    ['POST', '/none/resend'],
  ] as const)('that is not there is a 404: %s %s', async (method, path) => {
    const response = await app.inject({ method, url: `/api/v2/webhooks/deliveries${path}` })
    expect(response.statusCode).toBe(404)
    expect(response.json()).toMatchObject({ status: 404, detail: 'there is no delivery none' })
  })
})

describe('GET /api/v2/webhooks/endpoints', () => {
  it('shows what waits for each endpoint, and how its circuit is', async () => {
    await send('one')
    expect(await get('/endpoints')).toMatchObject({
      endpoints: [{ id: 'receiver', isConfigured: true, pending: 1, circuit: { state: 'closed' } }],
    })
  })
})
