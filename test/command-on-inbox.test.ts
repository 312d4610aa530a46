import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { createInbox, type Inbox } from '@taskhook/inbox'
import { verified } from '@taskhook/inbox/testing'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { run } from 'taskhook'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskhook-inbox-'))
  server = await startTestServer()
})
afterAll(async () => {
  await server.remove()
  await rm(folder, { recursive: true, force: true })
})

const stores = [
  { name: 'SQLite', url: () => `sqlite:${join(folder, 'inbox.db')}` },
  { name: 'PostgreSQL', url: () => server.url },
]

/** Runs the command on the inbox, as an operator's script would. */
function commandOn(store: string) {
  return async (...argv: string[]): Promise<{ code: number; stderr: string; values: unknown[] }> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const code = await run([...argv, '--json'], {
      stdout,
      stderr,
      stdin: Readable.from([]),
      env: { TASKHOOK_OUTBOX: store },
    })
    const lines = String(stdout.read() ?? '').split('\n')
    const values = lines.filter(Boolean).map((line) => JSON.parse(line) as unknown)
    return { code, stderr: String(stderr.read() ?? ''), values }
  }
}

/** An inbox whose handler fails while it is broken, and notes the tasks that it handled. */
async function startInbox(store: string): Promise<{ inbox: Inbox; handled: string[]; repair: () => void }> {
  const handled: string[] = []
  let isBroken = true
  const inbox = await createInbox({
    store,
    retryScheduleInMs: [0, 1],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    handler: async ({ event }) => {
      if (isBroken) throw new Error('the task service is away')
      handled.push(event.taskId)
    },
  })
  onTestFinished(() => inbox.stop({ timeoutInMs: 0 }))
  await inbox.start()
  return { inbox, handled, repair: () => void (isBroken = false) }
}

describe.each(stores)('taskhook on an inbox on $name', ({ url }) => {
  test('says what happened to a webhook and what needs an operator, and acts on it', async () => {
    const taskhook = commandOn(url())
    const { inbox, handled, repair } = await startInbox(url())
    const { id } = await inbox.accept(await verified({ taskId: 'failing', eventType: 'OrderSigned' }))
    await expect.poll(async () => (await inbox.deliveries.get(id))?.state).toBe('exhausted')

    expect(await taskhook('status')).toMatchObject({
      code: 1,
      values: [{ id: 'inbox', isDispatched: true, exhausted: 1, needs: ['exhausted'] }],
    })
    const failed = { outcome: 'retry', errorCode: 'handler_failed', errorMessage: 'the task service is away' }
    expect(await taskhook('task', 'failing')).toMatchObject({
      code: 0,
      values: [{ id, eventType: 'OrderSigned', state: 'exhausted', attempts: [failed, failed] }],
    })
    expect(await taskhook('deliveries', 'list', '--state', 'exhausted')).toMatchObject({
      code: 0,
      values: [{ id, taskId: 'failing', endpointId: 'inbox', lastAttempt: { errorCode: 'handler_failed' } }],
    })

    // A replay, once the handler works again.
    repair()
    expect(await taskhook('deliveries', 'resend', id)).toMatchObject({ code: 2, values: [] })
    expect(await taskhook('deliveries', 'resend', id, '--yes')).toMatchObject({
      code: 0,
      values: [{ id, resent: true }],
    })
    await expect.poll(() => handled, { timeout: 20_000 }).toEqual(['failing'])
    await inbox.idle()
    expect(await taskhook('deliveries', 'get', id)).toMatchObject({
      code: 0,
      values: [{ id, state: 'delivered', attemptCount: 3 }],
    })

    expect(await taskhook('endpoints', 'pause', 'inbox', '--yes')).toMatchObject({
      code: 0,
      values: [{ endpointId: 'inbox', paused: true }],
    })
    const waiting = await inbox.accept(await verified({ taskId: 'waiting' }))
    const unwanted = await inbox.accept(await verified({ taskId: 'unwanted' }))
    expect(await taskhook('status')).toMatchObject({
      code: 1,
      values: [{ id: 'inbox', pending: 2, paused: { reason: 'operator' }, needs: ['paused'] }],
    })
    expect(await taskhook('task', 'waiting')).toMatchObject({
      values: [{ id: waiting.id, waitsFor: 'paused' }],
    })
    expect(await taskhook('deliveries', 'cancel', unwanted.id, '--yes')).toMatchObject({
      code: 0,
      values: [{ id: unwanted.id, canceled: true }],
    })
    expect(await taskhook('endpoints', 'resume', 'inbox', '--yes')).toMatchObject({ code: 0 })
    await expect.poll(() => handled, { timeout: 20_000 }).toEqual(['failing', 'waiting'])
    await inbox.idle()
    expect(await taskhook('status')).toMatchObject({
      code: 0,
      values: [{ id: 'inbox', pending: 0, needs: [] }],
    })
    expect(await taskhook('doctor')).toMatchObject({ code: 0 })
    expect(handled).toEqual(['failing', 'waiting'])
  })

  test('knows no task, delivery or endpoint that is not there', async () => {
    const taskhook = commandOn(url())
    await startInbox(url())
    for (const argv of [
      ['task', 'none'],
      ['deliveries', 'get', 'none'],
      ['deliveries', 'resend', 'none', '--yes'],
      ['endpoints', 'pause', 'none', '--yes'],
    ]) {
      expect([argv, await taskhook(...argv)]).toMatchObject([
        argv,
        { code: 3, stderr: expect.stringContaining('none') },
      ])
    }
  })
})
