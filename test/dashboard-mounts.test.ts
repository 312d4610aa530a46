import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createDashboard, nodeListener, type Dashboard, type DashboardOptions } from '@taskhook/dashboard'
import { createOutbox, sqliteLedger, type Outbox } from '@taskhook/outbox'
import express from 'express'
import express4 from 'express4'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'

interface Mounted {
  dashboard: Dashboard
  /** One that was told its path. */
  withBasePath: Dashboard
}

const path = '/ops/webhooks'

const mounts: readonly [title: string, mount: (mounted: Mounted) => Server | Promise<Server>][] = [
  ['Express 5', ({ dashboard }) => createServer(express().use(path, nodeListener(dashboard)))],
  [
    'Express 5 behind a body parser',
    ({ dashboard }) =>
      createServer(
        express()
          .use(express.urlencoded({ extended: true }))
          .use(path, nodeListener(dashboard)),
      ),
  ],
  ['Express 4', ({ dashboard }) => createServer(express4().use(path, nodeListener(dashboard)))],
  [
    'an Express router within a router',
    ({ dashboard }) =>
      createServer(express().use('/ops', express.Router().use('/webhooks', nodeListener(dashboard)))),
  ],
  ['node:http', ({ withBasePath }) => createServer(nodeListener(withBasePath))],
  [
    'Fastify',
    async ({ withBasePath }) => {
      const app = fastify()
      const listener = nodeListener(withBasePath)
      const onRequest = (request: { raw: Parameters<typeof listener>[0] }, reply: FastifyReplyLike): void => {
        reply.hijack()
        listener(request.raw, reply.raw)
      }
      for (const url of [path, `${path}/*`]) app.all(url, { onRequest }, () => {})
      await app.ready()
      return app.server
    },
  ],
  [
    "Hono's mount",
    ({ dashboard }) => createAdaptorServer({ fetch: new Hono().mount(path, dashboard).fetch }) as Server,
  ],
  [
    "Hono's all",
    ({ withBasePath }) => {
      const app = new Hono().all(`${path}/*`, (context) => withBasePath(context.req.raw))
      return createAdaptorServer({ fetch: app.fetch }) as Server
    },
  ],
]

interface FastifyReplyLike {
  hijack: () => unknown
  raw: Parameters<ReturnType<typeof nodeListener>>[1]
}

const deliver = async () => ({ outcome: 'delivered', durationInMs: 1 }) as const

async function openOutbox(): Promise<Outbox> {
  const ledger = sqliteLedger({ file: ':memory:' })
  const outbox = createOutbox({
    ledger,
    endpoints: [{ id: 'crm', attempt: deliver, maxConcurrency: 1, retryScheduleInMs: [0] }],
  })
  await outbox.start()
  onTestFinished(async () => {
    await outbox.stop()
    await ledger.close()
  })
  return outbox
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each(mounts)('the dashboard works mounted in %s', async (title, mount) => {
  const outbox = await openOutbox()
  const options: DashboardOptions = { outbox, access: () => 'operate' }
  const dashboard = createDashboard(options)
  const origin = await listen(
    await mount({ dashboard, withBasePath: createDashboard({ ...options, basePath: path }) }),
  )

  // Hono: a route of `all` with a star is not asked for the path itself, and `mount` does not tell it from the path with a slash.
  const first = title.startsWith('Hono') ? `${path}/` : path
  const redirected = await fetch(`${origin}${first}`)
  expect([redirected.status, redirected.url]).toEqual([200, `${origin}${path}/`])
  const page = await fetch(`${origin}${path}/deliveries?state=pending`)
  const text = await page.text()
  expect([page.status, text]).toEqual([200, expect.stringContaining('No delivery matches') as string])
  const style = /href="(assets\/dashboard\.css[^"]*)"/.exec(text)![1]!
  expect((await fetch(new URL(style, page.url))).status).toBe(200)

  const changed = await fetch(`${origin}${path}/action`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ do: 'pause', outbox: 'outbox', endpoint: 'crm' }),
  })
  expect([changed.status, changed.url]).toEqual([200, `${origin}${path}/`])
  expect(await outbox.endpoints.list()).toMatchObject([{ paused: { reason: 'operator' } }])

  const leaving = new AbortController()
  const live = await fetch(`${origin}${path}/live?view=`, { signal: leaving.signal })
  const reader = live.body!.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!heard.includes('event: page')) heard += (await reader.read()).value ?? ''
  leaving.abort()
})
