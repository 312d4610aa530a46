import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createApp } from './create-app.ts'

const secret = 'a secret of the tests'
const key = 'tests'
const taskId = '07c6ad8c'
const request = signedRequest({ secret, key, taskId })

let automation: { status: number; task: { taskId: string; state: string; version: number } }
let origin: string
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  automation = { status: 200, task: { taskId, state: 'created', version: 1 } }
  const automationUrl = await listen((_request, response) => {
    response.writeHead(automation.status).end(JSON.stringify(automation.task))
  })
  origin = await listen(createApp({ secret, key, automationUrl }))
})
afterEach(() => started.disposeAsync())

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  started.defer(async () => {
    server.close()
    await once(server, 'close')
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function send({ url, ...init }: SignedRequest): Promise<number> {
  const response = await fetch(new URL(url, origin), init)
  await response.arrayBuffer()
  return response.status
}

async function tasks(): Promise<unknown> {
  const response = await fetch(new URL('/tasks', origin))
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
  const { url, ...init } = signedRequest({ secret: 'another secret', key, taskId })
  const response = await fetch(new URL(url, origin), init)
  expect(response.status).toBe(401)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(await response.json()).toMatchObject({ status: 401, code: 'signature_mismatch' })
  expect(await tasks()).toEqual([])
})
