// Another project: it has the tarballs from its package manager and knows nothing of this workspace.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import * as z from 'zod'
import { judgeOrder } from '@taskhook/contract'
import vectors from '@taskhook/contract/receiver-vectors.json' with { type: 'json' }
import { createVerifier, handleEvents, memoryDedupe, WebhookError, type TaskEvent } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { createDashboard } from '@taskhook/dashboard'
import { verifyWebhook as expressWebhook } from '@taskhook/express'
import { verifyWebhook as fastifyWebhook } from '@taskhook/fastify'
import { acceptInto } from '@taskhook/core'
import { createInbox, type InboxHandler } from '@taskhook/inbox'
import { channels, OutboxError } from '@taskhook/outbox'
import { createTaskDeliveries } from '@taskhook/outbox/tasks'
import { postgresLedger } from '@taskhook/postgres'
import { createEndpoint, createSender, parseConfig } from '@taskhook/sender'
import jsonSchema from '@taskhook/sender/webhook.schema.json' with { type: 'json' }
import { webhookHandler } from '@taskhook/web'
import { exitCodes, run } from 'taskhook'

const secret = 'a secret of this test'

// contract
assert(vectors.vectors.length > 50)
assert.deepEqual(judgeOrder([], []), [])

// core
const verifier = createVerifier({ secret, dedupe: memoryDedupe() })
const request = signedRequest({ secret, taskId: 'task-1', eventType: 'OrderSigned' })
const verification = await verifier.verify({ ...request, body: Buffer.from(request.body) })
assert(verification.outcome === 'event')
const event: TaskEvent = verification.webhook.event
assert.equal(event.taskId, 'task-1')
await handleEvents({ OrderSigned: ({ eventType }) => assert.equal<'OrderSigned'>(eventType, 'OrderSigned') })(
  verification.webhook,
)
await assert.rejects(
  verifier.verify({ ...request, body: Buffer.from('{}') }),
  (error) => WebhookError.isInstance(error) && error.code === 'signature_mismatch',
)

// web
const handle = webhookHandler({ secret }, ({ event: { taskId } }) => new Response(taskId))
const answer = await handle(new Request(new URL(request.url, 'http://localhost'), request))
assert.equal(await answer.text(), 'task-1')

// the inbox, on SQLite
const handled: string[] = []
const handler: InboxHandler = async ({ event: { taskId } }) => void handled.push(taskId)
const inbox = await createInbox({ store: 'sqlite:inbox.db', handler })
await inbox.start()
const stored = await verifier.handle(
  { ...signedRequest({ secret, taskId: 'task-2' }), body: Buffer.from('{}') },
  acceptInto(inbox),
)
assert.equal(stored.status, 401)
const second = signedRequest({ secret, taskId: 'task-2' })
assert.equal(
  (await verifier.handle({ ...second, body: Buffer.from(second.body) }, acceptInto(inbox))).status,
  202,
)
await inbox.idle()
assert.deepEqual(handled, ['task-2'])
assert.equal(typeof createTaskDeliveries, 'function')
await inbox.stop()

// fastify
const app = fastify()
app.register(fastifyWebhook, { secret })
app.post('/automation', (incoming) => incoming.webhook.event.taskId)
assert.equal((await app.inject(request)).body, 'task-1')

// express, its event typed by a schema of this project's, and the sender
const schema = z.object({
  eventType: z.literal('OrderSigned'),
  taskId: z.string().transform((id) => id.length),
})
const received: number[] = []
const server = createServer(
  express().post('/automation', expressWebhook({ secret, schema }), (incoming, outgoing) => {
    const length: number = incoming.webhook.event.taskId
    received.push(length)
    outgoing.sendStatus(204)
  }),
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const [config] = parseConfig({ enabled: true, endpoint: `http://127.0.0.1:${port}/automation`, secret })
assert(config !== undefined)
const endpoint = await createEndpoint(config)
const result = await endpoint.deliver({ id: 'delivery-1', taskId: 'task-1', eventType: 'OrderSigned' })
assert.equal(result.outcome, 'delivered')
assert.deepEqual(received, ['task-1'.length])
assert.equal(typeof jsonSchema, 'object')
await endpoint.close()

// the outbox, on SQLite
const sender = await createSender({ webHook: config, outbox: 'sqlite:outbox.db' })
const delivered = new Promise((resolve) => channels.delivered.subscribe(resolve))
await sender.start()
const { deliveries } = await sender.send({ taskId: 'task-10', eventType: 'OrderSigned' })
await delivered
assert.equal((await sender.deliveries.get(String(deliveries[0]?.id)))?.state, 'delivered')
assert.deepEqual(received, ['task-1'.length, 'task-10'.length])

// its pages, with the files that they load
const dashboard = createDashboard({ outbox: sender, access: () => 'read' })
const loadPage = async (path: string): Promise<string> => {
  const response = await dashboard(new Request(`http://localhost/${path}`))
  assert.equal(response.status, 200)
  return response.text()
}
assert((await loadPage('task?id=task-10')).includes('OrderSigned'))
assert((await loadPage('assets/dashboard.css')).includes('color-scheme'))
await sender.stop()
server.close()

// and on PostgreSQL, where no server is
const url = `postgres://me:hidden@127.0.0.1:${port}/tasks`
for (const open of [
  () => createSender({ webHook: config, outbox: url }),
  () => postgresLedger({ connectionString: url }),
]) {
  const error: unknown = await open().catch((reason: unknown) => reason)
  assert(OutboxError.isInstance(error) && error.code === 'ledger_unavailable')
  assert(!String(error).includes('hidden'))
}

// the command, also as a program
assert.equal(await run(['endpoints', 'list', '--outbox', 'sqlite:outbox.db'], process), exitCodes.done)
const bin = 'node_modules/.bin/taskhook'
assert.match(
  execFileSync(bin, ['endpoints', 'list', '--outbox', 'sqlite:outbox.db'], { encoding: 'utf8' }),
  /pending/,
)
