import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answeredWith, attemptAt, delivery, shortTimeouts, startEndpoint } from '../testing/endpoint.ts'
import { startRawReceiver, startReceiver } from '../testing/receiver.ts'

/** A receiver in a thread of its own: tells of a request, answers it, and wakes the other thread after its timeout. */
const answerAndWake = `
  const { createServer } = require('node:http')
  const { parentPort, workerData } = require('node:worker_threads')
  const wake = () => Atomics.store(workerData, 0, 1) && Atomics.notify(workerData, 0)
  const server = createServer((request, response) => {
    parentPort.postMessage('received')
    setTimeout(() => response.end(() => setTimeout(wake, 150)), 20)
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const end = (socket: Socket): void => void socket.end()
const reset = (socket: Socket): void => void socket.resetAndDestroy()

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
    [
      'closed between two chunks, as announced',
      halfChunked.replace('\r\n', '\r\nconnection: close\r\n'),
      end,
    ],
  ])('as the connection is %s is a connection_reset', async (_title, bytes, next) => {
    const result = await answeredWith(bytes, next)
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_reset' })
    expect(result.status).toBe(bytes.includes('\r\n\r\n') ? 200 : undefined)
  })

  test('but only an informational one has no status', async () => {
    const result = await answeredWith('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', end)
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_reset' })
    expect(result).not.toHaveProperty('status')
  })

  test.each([
    ['another protocol', '220 mail.example.org ESMTP\r\n'],
    ['a version of HTTP that does not exist', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['headers that are none', 'HTTP/1.1 200 OK\r\n:\r\n\r\n'],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
    [
      'an upgrade that was not asked for',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    ],
    ['a status below 100', 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['a Continue that was not asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['headers of more than 16 KiB', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`],
  ])('but %s is a response_invalid', async (_title, bytes) => {
    expect(await answeredWith(bytes)).toMatchObject({ outcome: 'retry', errorCode: 'response_invalid' })
  })

  test('of a port without a listener is a connection_refused', async () => {
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

  test('comes at once for every delivery that waits for a connection', async () => {
    const { url } = await startRawReceiver((socket) => socket.resetAndDestroy())
    const endpoint = await startEndpoint(url.replace('http:', 'https:'), { maxConcurrency: 2 })
    const results = await Promise.all(Array.from({ length: 10 }, () => endpoint.deliver(delivery)))
    expect(results).toMatchObject(Array.from({ length: 10 }, () => ({ errorCode: 'connection_reset' })))
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
  ])(
    'as there is no connection within its time is a connection_timeout: %s',
    async (_title, responseTimeout) => {
      // Accepts TCP and never says a word of TLS.
      const { url } = await startRawReceiver(() => {})
      const result = await attemptAt(url.replace('http:', 'https:'), { ...shortTimeouts, responseTimeout })
      expect(result).toMatchObject({ outcome: 'retry', errorCode: 'connection_timeout' })
      expect(result.durationInMs).toBeGreaterThan(195)
      expect(result.durationInMs).toBeLessThan(1000)
    },
  )

  test('is not what a busy process takes an answer for that is there already', async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4))
    const receiver = new Worker(answerAndWake, { eval: true, workerData: answered })
    onTestFinished(async () => void (await receiver.terminate()))
    const [port] = (await once(receiver, 'message')) as [number]
    const endpoint = await startEndpoint(`http://127.0.0.1:${port}/`, { responseTimeout: 'PT0.1S' })
    const attempt = endpoint.deliver(delivery)
    await once(receiver, 'message')
    Atomics.wait(answered, 0, 0)
    expect(await attempt).toMatchObject({ outcome: 'delivered' })
  })

  test('as all connections are taken is a response_timeout', async () => {
    const { url } = await startReceiver(() => {})
    const endpoint = await startEndpoint(url, { ...shortTimeouts, maxConcurrency: 1 })
    const results = await Promise.all([endpoint.deliver(delivery), endpoint.deliver(delivery)])
    expect(results).toMatchObject([{ errorCode: 'response_timeout' }, { errorCode: 'response_timeout' }])
  })

  test.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://2130706433',
  ])('of %s with denyPrivateNetworks is an address_denied, and no connection is made', async (origin) => {
    const { connectionCount, port } = await startReceiver()
    const result = await attemptAt(`${origin}:${port}/`, { denyPrivateNetworks: true })
    expect(result).toMatchObject({ outcome: 'retry', errorCode: 'address_denied' })
    expect(connectionCount()).toBe(0)
  })
})
