import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { nodeListener, type NodeListener } from './node-listener.ts'
import { openTestDashboard } from './testing/open-test-dashboard.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a body parser does. */
async function parseBody(message: IncomingMessage): Promise<IncomingMessage> {
  return Object.assign(message, { body: Object.fromEntries(new URLSearchParams(await text(message))) })
}

/** What a router does that cuts its own path off, as Express has it. */
function mountAt(path: string, listener: NodeListener): RequestListener {
  return (message, response) => {
    const originalUrl = message.url!
    const rest = originalUrl.slice(path.length)
    const url = rest.startsWith('/') ? rest : `/${rest}`
    listener(Object.assign(message, { originalUrl, url }), response)
  }
}

test('serves pages, and changes what a form asks for', async () => {
  const { dashboard, outbox } = await openTestDashboard()
  const origin = await serve(nodeListener(dashboard))
  const page = await fetch(`${origin}/?x`)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(await (await fetch(origin, { method: 'HEAD' })).text()).toBe('')
  const changed = await fetch(`${origin}/action`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ do: 'pause', endpoint: 'crm' }),
    redirect: 'manual',
  })
  expect([changed.status, changed.headers.get('location')]).toEqual([303, './'])
  expect(await outbox.endpoints.list()).toMatchObject([{ paused: { reason: 'operator' } }])
})

test('finds the path that a router has mounted it on', async () => {
  const { dashboard } = await openTestDashboard()
  const origin = await serve(mountAt('/ops/hooks', nodeListener(dashboard)))
  const redirected = await fetch(`${origin}/ops/hooks?x=1`)
  expect([redirected.status, redirected.url]).toEqual([200, `${origin}/ops/hooks/?x=1`])
  expect((await fetch(`${origin}/ops/hooks/deliveries`)).status).toBe(200)
  expect((await fetch(`${origin}/ops/hooks/none`)).status).toBe(404)
})

test('takes a form that a body parser has read before', async () => {
  const { dashboard, outbox } = await openTestDashboard()
  const listener = nodeListener(dashboard)
  const origin = await serve((message, response) => {
    void parseBody(message).then((parsed) => listener(parsed, response))
  })
  const body = new URLSearchParams({ do: 'pause', endpoint: 'crm' })
  await fetch(`${origin}/action`, { method: 'POST', headers: { origin }, body, redirect: 'manual' })
  expect(await outbox.endpoints.list()).toMatchObject([{ paused: { reason: 'operator' } }])
})

test('refuses a body that is too long', async () => {
  const { dashboard } = await openTestDashboard()
  const origin = await serve(nodeListener(dashboard))
  const answered = await fetch(`${origin}/action`, { method: 'POST', body: 'x'.repeat(65 * 1024) })
  expect(answered.status).toBe(413)
})

test('hands an error to the framework, and ends a connection without one', async () => {
  const failing = nodeListener(() => Promise.reject(new Error('broken')))
  const errors: unknown[] = []
  const handed = await serve((message, response) =>
    failing(message, response, (error) => {
      errors.push(error)
      response.writeHead(500).end()
    }),
  )
  expect((await fetch(handed)).status).toBe(500)
  expect(errors).toEqual([new Error('broken')])
  await expect(fetch(await serve(failing))).rejects.toThrow('fetch failed')
})

test('tells the dashboard when the client of a stream is gone', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const listener = nodeListener(
    async () =>
      new Response(
        new ReadableStream({
          start: (one) => one.enqueue(new TextEncoder().encode('first')),
          cancel: () => resolve(),
        }),
      ),
  )
  const client = request(await serve(listener), (response) => response.once('data', () => client.destroy()))
  client.on('error', () => {})
  client.end()
  await expect(gone).resolves.toBeUndefined()
})
