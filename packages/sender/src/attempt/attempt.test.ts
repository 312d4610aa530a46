import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { AttemptResult } from './attempt-result.ts'
import { answeredWith, attemptAt, delivery, startEndpoint } from '../testing/endpoint.ts'
import { startReceiver } from '../testing/receiver.ts'

const now = Date.parse('2026-11-23T12:00:00Z')

async function answeredBy(listener: RequestListener): Promise<AttemptResult> {
  return attemptAt((await startReceiver(listener)).url, {}, { now: () => now })
}

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
    const result = await answeredBy((_request, response) =>
      response.end(Buffer.from([0x61, 0xff, 0x00, 0x62])),
    )
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
    const result = await answeredWith('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall', (socket) =>
      socket.end(),
    )
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
    [3000, false],
    [4096, true],
    [65_536, true],
  ])('of %i bytes leaves the connection in use, truncated: %s', async (length, truncated) => {
    const { connectionCount, url } = await startReceiver((_request, response) =>
      response.end('a'.repeat(length)),
    )
    const endpoint = await startEndpoint(url, { maxConcurrency: 1 })
    await endpoint.deliver(delivery)
    const { outcome, response } = await endpoint.deliver(delivery)
    expect(outcome).toBe('delivered')
    expect(response).toMatchObject({ truncated })
    expect(response?.excerpt).toMatch(/^a{3000,4000}$/)
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
    expect(result.response?.excerpt).toMatch(/^a{3000,4000}$/)
    expect(sent).toBeLessThan(20)
  })

  test.each([
    ['stalls', (): void => {}],
    ['is cut off', (socket: Socket): void => void socket.resetAndDestroy()],
  ])('that %s after what is kept of it is an answer', async (_title, next) => {
    const result = await answeredWith(
      `HTTP/1.1 410 Gone\r\ncontent-length: 50000\r\n\r\n${'a'.repeat(5000)}`,
      next,
    )
    expect(result).toMatchObject({ outcome: 'gone', status: 410, response: { truncated: true } })
    expect(result).not.toHaveProperty('errorCode')
  })
})
