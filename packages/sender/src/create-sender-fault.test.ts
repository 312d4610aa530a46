import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startRawReceiver, startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, outboxFile, section, startSender } from './testing/sender.ts'
import type { DeliveryDetails } from '@taskhook/outbox/tasks'
import type { WebHookOptions } from './config/web-hook/config.ts'

const twoAttempts = { retrySchedule: ['PT0S', 'PT0.01S'] }

/** What becomes of an event at an endpoint. */
async function fate(url: string, options: WebHookOptions = {}): Promise<DeliveryDetails> {
  const sender = await startSender(section(url, { ...twoAttempts, ...options }))
  const { deliveries } = await sender.send(event)
  return afterAttempts(sender, deliveries[0]!.id)
}

function exhaustedBy(attempt: object): object {
  const failed = { outcome: 'retry', ...attempt }
  return { state: 'exhausted', attempts: [failed, failed] }
}

test('a receiver that refuses connections ends in exhausted, connection_refused', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const details = await fate(`http://127.0.0.1:${port}/`)
  expect(details).toMatchObject(exhaustedBy({ errorCode: 'connection_refused' }))
})

test('a receiver that accepts and never answers ends in exhausted, response_timeout', async () => {
  const { url } = await startReceiver(() => {})
  expect(await fate(url, { responseTimeout: 'PT0.1S' })).toMatchObject(
    exhaustedBy({ errorCode: 'response_timeout' }),
  )
})

test('a receiver that answers a byte at a time ends in exhausted, response_timeout, with what there was', async () => {
  const { url } = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
    const timer = setInterval(() => socket.write('a'), 20)
    socket.once('close', () => clearInterval(timer))
  })
  const details = await fate(url, { responseTimeout: 'PT0.2S' })
  expect(details).toMatchObject(exhaustedBy({ status: 200, errorCode: 'response_timeout' }))
  expect(details.attempts[0]?.response?.excerpt).toMatch(/^a+$/)
})

test('a receiver that resets half-way ends in exhausted, connection_reset, with what there was', async () => {
  const { url } = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', () => socket.resetAndDestroy())
  })
  expect(await fate(url)).toMatchObject(exhaustedBy({ status: 200, errorCode: 'connection_reset' }))
})

test('a receiver that answers 100 MB ends in delivered, 4 KB of it stored and little more read', async () => {
  const total = 100 * 1024 * 1024
  let written = 0
  const { url } = await startReceiver((_request, response) => {
    response.writeHead(200, { 'content-length': total })
    const chunk = Buffer.alloc(64 * 1024, 'a')
    const write = (): void => {
      while (written < total && !response.destroyed) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', write)
      }
    }
    write()
  })
  const details = await fate(url)
  expect(details).toMatchObject({ state: 'delivered', attempts: [{ response: { truncated: true } }] })
  expect(details.attempts[0]?.response?.excerpt).toMatch(/^a{3000,4096}$/)
  expect(written).toBeLessThan(total / 4)
})

test('a receiver with large headers ends in delivered up to 16 KiB, and in response_invalid beyond', async () => {
  const large = await startReceiver((_request, response) =>
    response.writeHead(200, { 'x-large': 'a'.repeat(15_000) }).end(),
  )
  const details = await fate(large.url)
  expect(details.attempts[0]?.response?.headers['x-large']).toBe('a'.repeat(768))
  const larger = await startReceiver((_request, response) =>
    response.writeHead(200, { 'x-large': 'a'.repeat(100_000) }).end(),
  )
  expect(await fate(larger.url)).toMatchObject(exhaustedBy({ errorCode: 'response_invalid' }))
})

test('a receiver that redirects to a private address ends in exhausted, 302, and no request goes there', async () => {
  const secret = await startReceiver()
  const { url } = await startReceiver((_request, response) =>
    response.writeHead(302, { location: secret.url }).end(),
  )
  expect(await fate(url)).toMatchObject(exhaustedBy({ status: 302 }))
  expect(secret.connectionCount()).toBe(0)
})

test('a private address with denyPrivateNetworks ends in exhausted, address_denied', async () => {
  const { url, connectionCount } = await startReceiver()
  expect(await fate(url, { denyPrivateNetworks: true })).toMatchObject(
    exhaustedBy({ errorCode: 'address_denied' }),
  )
  expect(connectionCount()).toBe(0)
})

test('a receiver that answers 500 ends in exhausted, after as many attempts as the schedule has', async () => {
  const { url, requests } = await startReceiver((_request, response) =>
    response.writeHead(500).end('no disk'),
  )
  const details = await fate(url, { retrySchedule: ['PT0S', 'PT0.01S', 'PT0.02S', 'PT0.01S'] })
  expect(details).toMatchObject({ state: 'exhausted', attemptCount: 4 })
  expect(details.attempts.map(({ status }) => status)).toEqual([500, 500, 500, 500])
  expect(details.attempts.at(-1)).not.toHaveProperty('nextAttemptAt')
  expect(new Set(requests.map(({ request }) => request.headers['webhook-id']))).toEqual(new Set([details.id]))
})

test('a name that is gone from DNS ends in exhausted, dns_not_found', async () => {
  // A machine without any name server says that it cannot tell.
  const errorCode = expect.stringMatching(/^dns_(not_found|failed)$/) as string
  expect(await fate('http://taskhook.invalid/')).toMatchObject(exhaustedBy({ errorCode }))
})

test('neither secret, nor key, nor signature is in the file', async () => {
  const file = await outboxFile()
  const { url, requests } = await startReceiver((_request, response) => response.writeHead(500).end())
  const refused = section('http://127.0.0.1:1/', { id: 'refused', key: 'the-key', secret: 'the-secret' })
  const failing = section(url, {
    id: 'failing',
    key: 'the-key',
    secret: 'the-secret',
    headers: { authorization: 'the-token' },
    ...twoAttempts,
  })
  const sender = await startSender([failing, refused], { outbox: `sqlite:${file}` })
  const { deliveries } = await sender.send(event)
  for (const { id } of deliveries) await afterAttempts(sender, id)
  const signature = String(requests[0]?.request.headers['x-signature'])
  expect(requests[0]?.request.url).toContain('the-key')

  const parts = await Promise.all([readFile(file), readFile(`${file}-wal`)])
  const stored = Buffer.concat(parts).toString('latin1')
  expect(stored).toContain('connection_refused')
  expect(stored).toContain(deliveries[0]?.id)
  expect(
    ['the-secret', 'the-key', 'the-token', signature].filter((secret) => stored.includes(secret)),
  ).toEqual([])
})
