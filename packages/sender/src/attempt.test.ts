import { getEventListeners, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import type { AttemptResult } from './attempt-result.ts'
import { delivery, startEndpoint } from './testing-endpoint.ts'
import { startRawReceiver, startReceiver } from './testing-receiver.ts'
import type { WebHookOptions } from './web-hook-config.ts'

const now = Date.parse('2026-11-23T12:00:00Z')
const short = { connectionTimeout: 'PT0.2S', responseTimeout: 'PT0.2S' }

async function attemptAt(url: string, config?: WebHookOptions): Promise<AttemptResult> {
  const endpoint = await startEndpoint(url, config, { now: () => now })
  return endpoint.deliver(delivery)
}

async function answeredBy(listener: RequestListener, config?: WebHookOptions): Promise<AttemptResult> {
  return attemptAt((await startReceiver(listener)).url, config)
}

/** What comes of a receiver that writes `bytes` and goes on as `next` says. */
async function answeredWith(bytes: string, next: (socket: Socket) => void = () => {}): Promise<AttemptResult> {
  const { url } = await startRawReceiver((socket) => {
    socket.write(bytes, () => next(socket))
  })
  return attemptAt(url, short)
}

const end = (socket: Socket): void => void socket.end()
const reset = (socket: Socket): void => void socket.resetAndDestroy()

describe('an answer', () => {
  test.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'retry'],
    [404, 'retry'],
    [410, 'gone'],
    [500, 'retry'],
  ])('with status %i is %s, without an error code', async (status, outcome) => {
    const result = await answeredBy((_request, response) => response.writeHead(status).end())
    expect(result).toMatchObject({ outcome, status })
    expect(result).not.toHaveProperty('errorCode')
    expect(result.durationInMs).toBeGreaterThan(0)
  })

  test('that redirects is not followed', async () => {
    const { requests, url } = await startReceiver((_request, response) => {
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect(await attemptAt(url)).toMatchObject({ outcome: 'retry', status: 307 })
    expect(requests).toHaveLength(1)
  })

  test('is kept: headers with all their values, and the body', async () => {
    const result = await answeredBy((_request, response) => {
      response.writeHead(200, { 'X-One': 'a', 'Set-Cookie': ['b', 'c'] }).end('grüezi')
    })
    expect(result.response).toMatchObject({
      headers: { 'x-one': 'a', 'set-cookie': 'b, c' },
      excerpt: 'grüezi',
      truncated: false,
    })
  })

  test('may be any bytes', async () => {
    const result = await answeredBy((_request, response) => response.end(Buffer.from([0x61, 0xff, 0x00, 0x62])))
    expect(result.response?.excerpt).toBe('a\u{fffd}\u{0}b')
  })

  test('that is compressed is kept as it was sent', async () => {
    const body = gzipSync('text')
    const result = await answeredBy((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)
    })
    expect(result.response?.excerpt).toBe(body.toString('utf8'))
  })

  test.each([
    ['seconds', '120'],
    ['a date', 'Mon, 23 Nov 2026 12:02:00 GMT'],
  ])('that is no success may ask to wait: %s', async (_title, value) => {
    const result = await answeredBy((_request, response) => {
      response.writeHead(503, { 'retry-after': value }).end()
    })
    expect(result).toMatchObject({ outcome: 'retry', retryAfterInMs: 120_000 })
  })

  test('that asks for something else than a wait is as one that asks for none', async () => {
    const result = await answeredBy((_request, response) => {
      response.writeHead(503, { 'retry-after': 'later' }).end()
    })
    expect(result).not.toHaveProperty('retryAfterInMs')
  })

  test('without a length is over when the connection is', async () => {
    const result = await answeredWith('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall', end)
    expect(result).toMatchObject({ outcome: 'delivered', response: { excerpt: 'all' } })
  })

  test('may come after others that are only informational', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    const result = await answeredWith(`${early}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`)
    expect(result).toMatchObject({ outcome: 'delivered', status: 200 })
    expect(result.response?.headers).toEqual({ 'content-length': '0' })
  })
})

describe('a long answer', () => {
  test.each([
    [16_384, false],
    [16_385, true],
    [65_536, true],
  ])('of %i bytes leaves the connection in use, truncated: %s', async (length, truncated) => {
    const { connectionCount, url } = await startReceiver((_request, response) => response.end('a'.repeat(length)))
    const endpoint = await startEndpoint(url, { maxConcurrency: 1 })
    await endpoint.deliver(delivery)
    const { outcome, response } = await endpoint.deliver(delivery)
    expect(outcome).toBe('delivered')
    expect(response).toMatchObject({ excerpt: 'a'.repeat(16_384), truncated })
    expect(connectionCount()).toBe(1)
  })

  test('of 100 MB is an answer, of which the most is not read', async () => {
    const megabyte = Buffer.alloc(1_000_000, 'a')
    let sent = 0
    const { url } = await startReceiver((_request, response) => {
      const send = (): void => {
        if (sent === 100) response.end()
        else if (!response.destroyed) response.write(megabyte, send)
        sent += 1
      }
      response.writeHead(200, { 'content-length': 100 * megabyte.length })
      send()
    })
    const result = await attemptAt(url)
    expect(result).toMatchObject({ outcome: 'delivered', response: { truncated: true } })
    expect(result.response?.excerpt).toHaveLength(16_384)
    expect(sent).toBeLessThan(20)
  })

  test.each([
    ['stalls', (): void => {}, {}],
    ['is cut off', reset, {}],
  ])('that %s after what is kept of it is an answer', async (_title, next) => {
    const result = await answeredWith(`HTTP/1.1 410 Gone\r\ncontent-length: 50000\r\n\r\n${'a'.repeat(20_000)}`, next)
    expect(result).toMatchObject({ outcome: 'gone', status: 410, response: { truncated: true } })
    expect(result).not.toHaveProperty('errorCode')
  })
})

describe('no complete answer', () => {
  const half = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\nretry-after: 5\r\n\r\nhalf'
  const halfChunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'

  test.each([
    ['nothing', ''],
    ['half of the headers', 'HTTP/1.1 200 OK\r\nx: '],
  ])('within the time, but %s, is a response_timeout', async (_title, bytes) => {
    const result = await answeredWith(bytes)
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'response_timeout' })
    expect(result).not.toHaveProperty('status')
    expect(result.durationInMs).toBeGreaterThan(195)
    expect(result.durationInMs).toBeLessThan(1000)
  })

  test('within the time, but half of the body, is a response_timeout with what there is', async () => {
    expect(await answeredWith(half)).toMatchObject({
      outcome: 'retry',
      status: 200,
      errorCode: 'response_timeout',
      retryAfterInMs: 5000,
      response: { excerpt: 'half', truncated: false },
    })
  })

  test('within the time, but one byte after the other, is a response_timeout', async () => {
    const result = await answeredWith('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n', (socket) => {
      const timer = setInterval(() => socket.write('a'), 10)
      socket.once('close', () => clearInterval(timer))
    })
    expect(result).toMatchObject({ outcome: 'retry', status: 200, errorCode: 'response_timeout' })
    expect(result.durationInMs).toBeLessThan(1000)
  })

  test.each([
    ['closed before it', '', end],
    ['reset before it', '', reset],
    ['closed within the headers', 'HTTP/1.1 200 OK\r\nx: ', end],
    ['closed within the body', half, end],
    ['reset within the body', half, reset],
    ['closed between two chunks', halfChunked, end],
    ['reset between two chunks', halfChunked, reset],
    ['closed within a body, as announced', half.replace('\r\n', '\r\nconnection: close\r\n'), end],
    ['closed between two chunks, as announced', halfChunked.replace('\r\n', '\r\nconnection: close\r\n'), end],
  ])('as the connection is %s is a connection_reset', async (_title, bytes, next) => {
    const result = await answeredWith(bytes, next)
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_reset' })
    expect(result.status).toBe(bytes.includes('\r\n\r\n') ? 200 : undefined)
  })

  test.each([
    ['another protocol', '220 mail.example.org ESMTP\r\n'],
    ['a version of HTTP that does not exist', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['headers that are none', 'HTTP/1.1 200 OK\r\n:\r\n\r\n'],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['a Continue nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['headers of more than 16 KiB', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`],
  ])('but %s is a response_invalid', async (_title, bytes) => {
    expect(await answeredWith(bytes)).toMatchObject({ outcome: 'retry', errorCode: 'response_invalid' })
  })

  test('of a port where nobody listens is a connection_refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    // A name with several addresses fails with one error for all of them.
    for (const host of ['127.0.0.1', 'localhost']) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await attemptAt(`http://${host}:${port}/`)).toMatchObject({
        outcome: 'retry',
        errorCode: 'connection_refused',
        errorMessage: expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`) as string,
      })
    }
  })

  test('of a name that does not exist is a dns_not_found', async () => {
    // RFC 6761 section 6.4 sees to it that it does not. A machine without any name server says that it cannot tell.
    expect(await attemptAt('http://taskhook.invalid/')).toMatchObject({
      errorCode: expect.stringMatching(/^dns_(not_found|failed)$/) as string,
    })
  })

  test.each([
    ['both timeouts are the same', 'PT0.2S'],
    ['there is more time for the answer', 'PT30S'],
  ])('as there is no connection within its time is a connection_timeout: %s', async (_title, responseTimeout) => {
    // Accepts TCP and never says a word of TLS.
    const { url } = await startRawReceiver(() => {})
    const result = await attemptAt(url.replace('http:', 'https:'), { ...short, responseTimeout })
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_timeout' })
    expect(result.durationInMs).toBeGreaterThan(195)
    expect(result.durationInMs).toBeLessThan(1000)
  })

  test('as all connections are taken is a response_timeout', async () => {
    const { url } = await startReceiver(() => {})
    const endpoint = await startEndpoint(url, { ...short, maxConcurrency: 1 })
    const results = await Promise.all([endpoint.deliver(delivery), endpoint.deliver(delivery)])
    expect(results).toMatchObject([{ errorCode: 'response_timeout' }, { errorCode: 'response_timeout' }])
  })

  test.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'http://[::ffff:127.0.0.1]', 'http://2130706433'])(
    'of %s with denyPrivateNetworks is an address_denied, and nobody is connected to',
    async (origin) => {
      const { connectionCount, port } = await startReceiver()
      const result = await attemptAt(`${origin}:${port}/`, { denyPrivateNetworks: true })
      expect(result).toMatchObject({ outcome: 'retry', errorCode: 'address_denied' })
      expect(connectionCount()).toBe(0)
    },
  )
})

describe('an aborted attempt', () => {
  const aborted = { outcome: 'retry', errorCode: 'aborted' }

  test('before it began sends nothing', async () => {
    const { connectionCount, url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    expect(await endpoint.deliver(delivery, { signal: AbortSignal.abort('secret reason') })).toMatchObject({
      ...aborted,
      errorMessage: 'the attempt was aborted',
    })
    expect(connectionCount()).toBe(0)
  })

  test('ends while it waits for the answer, and so does its connection', async () => {
    const controller = new AbortController()
    const connections: Socket[] = []
    const { url } = await startRawReceiver((socket) => {
      connections.push(socket)
      controller.abort()
    })
    const endpoint = await startEndpoint(url)
    expect(await endpoint.deliver(delivery, controller)).toMatchObject(aborted)
    await expect.poll(() => connections[0]?.closed).toBe(true)
  })

  test('ends while it connects, and close() ends the connection', async () => {
    const controller = new AbortController()
    const connections: Socket[] = []
    const { url } = await startRawReceiver((socket) => {
      connections.push(socket)
      controller.abort()
    })
    const endpoint = await startEndpoint(url.replace('http:', 'https:'))
    expect(await endpoint.deliver(delivery, controller)).toMatchObject(aborted)
    await endpoint.close()
    await expect.poll(() => connections[0]?.closed).toBe(true)
  })

  test('ends while it waits for a connection, which stays for the next one', async () => {
    const answers: (() => void)[] = []
    const { connectionCount, requests, url } = await startReceiver((_request, response) => {
      answers.push(() => response.end())
    })
    const endpoint = await startEndpoint(url, { maxConcurrency: 1 })
    const first = endpoint.deliver(delivery)
    const controller = new AbortController()
    const second = endpoint.deliver(delivery, controller)
    const third = endpoint.deliver(delivery)
    await expect.poll(() => answers.length).toBe(1)
    controller.abort()
    expect(await second).toMatchObject(aborted)
    answers[0]?.()
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    expect([await first, await third]).toMatchObject([{ outcome: 'delivered' }, { outcome: 'delivered' }])
    expect([requests.length, connectionCount()]).toEqual([2, 1])
  })

  test('leaves no listener at its signal, however it ended', async () => {
    const warned = vi.fn<(warning: Error) => void>()
    process.on('warning', warned)
    const { signal } = new AbortController()
    const { url } = await startReceiver()
    const { url: silent } = await startRawReceiver(() => {})
    const [answering, failing] = [await startEndpoint(url), await startEndpoint(silent, short)]
    const attempts = Array.from({ length: 30 }, () => answering.deliver(delivery, { signal }))
    await Promise.all([...attempts, failing.deliver(delivery, { signal })])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warned).not.toHaveBeenCalled()
    process.off('warning', warned)
  })
})
