import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createDashboard } from '@taskhook/dashboard'
import { openPage, serveDashboard, startBrowser } from '@taskhook/dashboard/testing'
import { startTestServer } from '@taskhook/postgres/testing'
import { createSender, type Sender } from '@taskhook/sender'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { findFreePort } from '../../scripts/find-free-port.ts'

let browser: Awaited<ReturnType<typeof startBrowser>>
beforeAll(async () => {
  browser = await startBrowser()
}, 120_000)
afterAll(() => browser.close())

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** A receiver that answers nothing while it hangs. */
async function startReceiver(): Promise<{ url: string; hang: (hangs: boolean) => void }> {
  let hangs = false
  const server = createServer((request, response) => {
    request.resume()
    if (!hangs) response.writeHead(204).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/automation`, hang: (value) => void (hangs = value) }
}

/** A sender in the process of the test. */
async function openSender(outbox: string, endpoint: string): Promise<Sender> {
  const sender = await createSender({
    outbox,
    webHook: { enabled: true, id: 'crm', endpoint },
    logger: silent,
  })
  onTestFinished(() => sender.stop({ timeoutInMs: 0 }))
  return sender
}

test(
  'a sender that is killed while its page is open: the page says so, and is right after the restart',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(`${tmpdir()}/taskhook-dashboard-`)
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const receiver = await startReceiver()
    const outbox = `sqlite:${folder}/outbox.db`
    const port = await findFreePort()
    let running: ChildProcess | undefined
    onTestFinished(() => void running?.kill('SIGKILL'))
    async function start(): Promise<void> {
      const script = fileURLToPath(new URL('./sender-process.ts', import.meta.url))
      const child = spawn(
        process.execPath,
        ['--conditions=taskhook-source', script, outbox, receiver.url, `${port}`],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      running = child
      await once(child.stdout, 'data')
    }
    async function kill(): Promise<void> {
      const ended = once(running!, 'exit')
      running!.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
    }
    await start()
    // Another process accepts events for the same outbox, and delivers none.
    const accepting = await openSender(outbox, receiver.url)
    await accepting.send({ taskId: 'before', eventType: 'OrderCreated' })

    const page = await openPage(browser, { origin: `http://127.0.0.1:${port}` })
    await page.goto('deliveries')
    const row = (task: string) => page.getByRole('row').filter({ hasText: task })
    await row('before').getByText('delivered').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()

    receiver.hang(true)
    await accepting.send({ taskId: 'under-way', eventType: 'OrderCreated' })
    await row('under-way').getByText('in flight').waitFor()
    await kill()
    await page.getByText('Not connected').waitFor()
    // What was there is still there to be read.
    expect(await row('before').count()).toBe(1)
    await accepting.send({ taskId: 'meanwhile', eventType: 'OrderSigned' })

    receiver.hang(false)
    await start()
    await row('meanwhile').getByText('delivered').waitFor()
    await row('under-way').getByText('delivered').waitFor()
    expect(await page.getByRole('status').first().textContent()).toBe('Live')
  },
)

test(
  'a PostgreSQL that stops and starts while a page is open: the page says so, and is right when it is back',
  { timeout: 120_000 },
  async () => {
    const server = await startTestServer()
    onTestFinished(() => server.remove())
    const receiver = await startReceiver()
    const sender = await openSender(server.url, receiver.url)
    await sender.start()
    await sender.send({ taskId: 'before', eventType: 'OrderCreated' })
    const page = await openPage(
      browser,
      await serveDashboard(createDashboard({ outbox: sender, access: () => 'operate' })),
    )
    await page.goto('deliveries')
    const row = (task: string) => page.getByRole('row').filter({ hasText: task })
    await row('before').getByText('delivered').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()

    await server.stop('immediate')
    await page.getByText('The outbox does not answer').waitFor()
    expect(await row('before').count()).toBe(1)
    // One that is opened now says why it is empty.
    const other = await page.context().newPage()
    const response = await other.goto('deliveries')
    expect(response?.status()).toBe(503)
    await other.getByRole('heading', { name: 'The outbox does not answer' }).waitFor()

    await server.start()
    await expect
      .poll(() => sender.send({ taskId: 'after', eventType: 'OrderSigned' }).catch(() => undefined))
      .toBeDefined()
    await row('after').getByText('delivered').waitFor()
    expect(await page.getByRole('status').first().textContent()).toBe('Live')
    await other.reload()
    await other.getByRole('link', { name: 'after' }).waitFor()
  },
)
