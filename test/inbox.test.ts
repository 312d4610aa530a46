import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { signedRequest } from '@taskhook/core/testing'
import { acceptInto, verifyWebhook } from '@taskhook/express'
import { createInbox } from '@taskhook/inbox'
import { createSender } from '@taskhook/sender'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { findFreePort } from '../scripts/find-free-port.ts'

const secret = 'the shared secret'

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-inbox-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('what a sender sends is handled by an inbox behind Express, in order for each task, once', async () => {
  const folder = await createFolder()
  const handled: string[] = []
  let failures = 3
  const inbox = await createInbox({
    store: `sqlite:${folder}/inbox.db`,
    retryScheduleInMs: [0, 5, 5, 5, 5],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    handler: async ({ event, installation }) => {
      if (event.taskId === 'task-1' && failures-- > 0) throw new Error('not yet')
      handled.push(`${event.taskId} ${event.eventType} ${installation}`)
    },
  })
  onTestFinished(() => inbox.stop())
  await inbox.start()
  const app = express()
  app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')

  const { port } = server.address() as AddressInfo
  const sender = await createSender({
    webHook: { enabled: true, endpoint: `http://127.0.0.1:${port}/automation`, key: 'north', secret },
    outbox: `sqlite:${folder}/outbox.db`,
  })
  onTestFinished(() => sender.stop())
  await sender.start()
  const types = ['OrderCreated', 'OrderAccepted', 'OrderSigned'] as const
  const tasks = Array.from({ length: 10 }, (_, index) => `task-${index}`)
  const deliveryIds: string[] = []
  for (const eventType of types) {
    for (const taskId of tasks) {
      const { deliveries } = await sender.send({ taskId, eventType })
      deliveryIds.push(...deliveries.map(({ id }) => id))
    }
  }
  await sender.idle()
  await expect.poll(() => handled.length, { timeout: 20_000 }).toBe(tasks.length * types.length)
  for (const taskId of tasks) {
    const ofTask = handled.filter((one) => one.startsWith(`${taskId} `))
    expect(ofTask).toEqual(types.map((eventType) => `${taskId} ${eventType} north`))
  }
  // Under the same id, so the inbox takes it for a repeat.
  await sender.deliveries.resend(deliveryIds[0]!)
  await sender.idle()
  await inbox.idle()
  expect(await sender.deliveries.get(deliveryIds[0]!)).toMatchObject({
    attempts: [{ status: 202 }, { status: 202 }],
  })
  expect(handled).toHaveLength(tasks.length * types.length)
})

test("the inbox README's first script handles what it is sent, and ends when it is told to", async () => {
  const folder = await createFolder()
  const readme = await readFile(join(import.meta.dirname, '../packages/inbox/README.md'), 'utf8')
  const [, script = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
  const port = await findFreePort()
  const source = script.replaceAll('3000', String(port)).replace('sqlite:', `sqlite:${folder}/`)
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', '--input-type=module-typescript', '--eval', source],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const stderr = text(child.stderr)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { url, ...request } = signedRequest({ secret, eventType: 'OrderSigned', taskId: 'task-1' })
  const post = (): Promise<number> =>
    fetch(new URL(url, `http://127.0.0.1:${port}`), request).then(({ status }) => status)
  await expect.poll(() => post().catch(() => 'not yet'), { timeout: 20_000 }).toBe(202)
  expect((await lines.next()).value).toBe('OrderSigned task-1')
  expect(await post()).toBe(202)
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([0, null])
  expect({ stderr: await stderr, more: await lines.next() }).toEqual({
    stderr: '',
    more: { done: true, value: undefined },
  })
})
