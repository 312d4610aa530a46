import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signedRequest, type SignedRequest } from '@taskhook/core/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createReceiver, type Receiver } from './create-receiver.ts'

const secret = 'a secret of the tests'
const key = 'tests'
const taskId = '07c6ad8c'
const retryScheduleInMs = [0, ...Array.from({ length: 100 }, () => 20)]
const request = signedRequest({ secret, key, taskId })

let automation: { status: number; task: { taskId: string; state: string; version: number } }
let origin: string
let inbox: Receiver['inbox']
let started: AsyncDisposableStack

beforeEach(async () => {
  started = new AsyncDisposableStack()
  automation = { status: 200, task: { taskId, state: 'created', version: 1 } }
  const automationUrl = await listen((_request, response) => {
    response.writeHead(automation.status).end(JSON.stringify(automation.task))
  })
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-receiver-'))
  started.defer(() => rm(folder, { recursive: true }))
  const file = join(folder, 'receiver.db')
  const receiver = await createReceiver({ secret, key, automationUrl, file, retryScheduleInMs })
  started.defer(() => receiver.close())
  inbox = receiver.inbox
  await inbox.start()
  origin = await listen(receiver.app)
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

const tasks = (): Promise<unknown> => get('/tasks')
const history = (): Promise<unknown> => get('/history')

async function get(path: string): Promise<unknown> {
  const response = await fetch(new URL(path, origin))
  return response.json()
}

it('keeps the task that it fetches for an event', async () => {
  expect(await send(request)).toBe(202)
  await inbox.idle()
  expect(await tasks()).toEqual([automation.task])
})

it('does not replace a task by an older copy of it', async () => {
  const newer = { taskId, state: 'signed', version: 3 }
  automation.task = newer
  expect(await send(signedRequest({ secret, key, taskId, eventType: 'OrderSigned' }))).toBe(202)
  await inbox.idle()
  automation.task = { taskId, state: 'accepted', version: 2 }
  expect(await send(request)).toBe(202)
  await inbox.idle()
  expect(await tasks()).toEqual([newer])
})

it('calls its handler again when it could not fetch the task', async () => {
  automation.status = 503
  expect(await send(request)).toBe(202)
  await expect
    .poll(async () => (await inbox.deliveries.list()).deliveries)
    .toMatchObject([{ lastAttempt: { errorCode: 'handler_failed' } }])
  expect(await tasks()).toEqual([])
  automation.status = 200
  await expect.poll(tasks).toEqual([automation.task])
})

it('has a repeat handled once', async () => {
  for (let time = 0; time < 2; time += 1) expect(await send(request)).toBe(202)
  await inbox.idle()
  expect(await history()).toEqual([{ taskId, eventType: 'OrderAccepted' }])
})

it('answers a refusal as problem details', async () => {
  const { url, ...init } = signedRequest({ secret: 'another secret', key, taskId })
  const response = await fetch(new URL(url, origin), init)
  expect(response.status).toBe(401)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(await response.json()).toMatchObject({ status: 401, code: 'signature_mismatch' })
  expect(await tasks()).toEqual([])
})
