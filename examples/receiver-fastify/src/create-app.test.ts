import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createApp } from './create-app.ts'

const secret = 'a secret of the tests'
const key = 'tests'
const taskId = '07c6ad8c'
const request = signedRequest({ secret, key, taskId })

let automation: { status: number; task: { taskId: string; state: string; version: number } }
let app: FastifyInstance

beforeEach(async () => {
  automation = { status: 200, task: { taskId, state: 'created', version: 1 } }
  const server = createServer((_request, response) => {
    response.writeHead(automation.status).end(JSON.stringify(automation.task))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const automationUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  app = createApp({ secret, key, automationUrl })
  return async () => {
    server.close()
    await once(server, 'close')
  }
})
afterEach(() => app.close())

async function send(signed: SignedRequest): Promise<number> {
  const response = await app.inject(signed)
  return response.statusCode
}

async function tasks(): Promise<unknown> {
  const response = await app.inject('/tasks')
  return response.json()
}

it('keeps the task that it fetches for an event', async () => {
  expect(await send(request)).toBe(204)
  expect(await tasks()).toEqual([automation.task])
})

it('does not replace a task by an older copy of it', async () => {
  const newer = { taskId, state: 'signed', version: 3 }
  automation.task = newer
  expect(await send(signedRequest({ secret, key, taskId, eventType: 'OrderSigned' }))).toBe(204)
  automation.task = { taskId, state: 'accepted', version: 2 }
  expect(await send(request)).toBe(204)
  expect(await tasks()).toEqual([newer])
})

it('answers 500 when it cannot fetch the task, and handles the next attempt', async () => {
  automation.status = 503
  expect(await send(request)).toBe(500)
  automation.status = 200
  expect(await send(request)).toBe(204)
  expect(await tasks()).toEqual([automation.task])
})

it('answers a refusal as problem details', async () => {
  const response = await app.inject(signedRequest({ secret: 'another secret', key, taskId }))
  expect(response.statusCode).toBe(401)
  expect(response.headers['content-type']).toContain('application/problem+json')
  expect(response.json()).toMatchObject({ status: 401, code: 'signature_mismatch' })
  expect(await tasks()).toEqual([])
})
