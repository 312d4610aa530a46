import { once } from 'node:events'
import { createServer, request, type ClientRequest, type ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ReceivedDelivery } from './received-webhook.ts'
import { settleWithResponse } from './settle-with-response.ts'

interface Exchange {
  client: ClientRequest
  response: ServerResponse
}

/** A request over real HTTP that waits for its response. */
async function exchange(): Promise<Exchange> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = request({ host: '127.0.0.1', port, method: 'POST', agent: false })
  client.on('error', () => {})
  client.on('response', (incoming) => incoming.resume())
  client.end()
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return { client, response }
}

/** The same over HTTP/2. */
async function exchangeOverHttp2() {
  const server = createHttp2Server().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const client = session.request({ ':method': 'POST' })
  client.on('error', () => {})
  client.end()
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  const [, response] = (await once(server, 'request')) as [unknown, Http2ServerResponse]
  return { client, response }
}

function recorder() {
  const told: boolean[] = []
  const delivery: ReceivedDelivery = {
    isSettled: false,
    async end(succeeded) {
      told.push(succeeded)
    },
  }
  return { told, delivery }
}

describe('settleWithResponse', () => {
  test.each([
    [200, true],
    [204, true],
    [299, true],
    [302, false],
    [400, false],
    [409, false],
    [500, false],
  ])('after the answer %i settles as %j', async (status, succeeded) => {
    const { response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    response.writeHead(status).end()
    expect(told).toEqual([succeeded])
  })

  test('goes by the status at the end, not the one before the handler ran', async () => {
    const { response } = await exchange()
    const { told, delivery } = recorder()
    response.statusCode = 200
    settleWithResponse(response, delivery)
    response.statusCode = 503
    response.end()
    expect(told).toEqual([false])
  })

  test('ends the response as it was to end', async () => {
    const { client, response } = await exchange()
    settleWithResponse(response, recorder().delivery)
    const ended = new Promise<void>((resolve) => void response.end('hello', 'utf8', resolve))
    const [incoming] = await once(client, 'response')
    expect(incoming.headers['content-length']).toBe('5')
    await ended
  })

  // The claim was let go at once, and the retry ran the handler a second time beside the first.
  test('waits for the handler when the client goes before the answer', async () => {
    const { client, response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    client.destroy()
    await once(response, 'close')
    expect(told).toEqual([])
    response.writeHead(204).end()
    expect(told).toEqual([true])
  })

  // No end was called, so the delivery was held for a quarter of an hour.
  test('settles as a failure when the handler destroys the response', async () => {
    const { client, response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    const failed = once(client, 'error')
    const error = new Error('the disk is full')
    response.on('error', () => {})
    expect(response.destroy(error)).toBe(response)
    expect(told).toEqual([false])
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    expect(response.errored).toBe(error)
  })

  test('settles as a failure when what the handler answers with cannot be read', async () => {
    const { response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    const source = new Readable({ read: () => void source.destroy(new Error('the disk is full')) })
    await expect(pipeline(source, response)).rejects.toThrow('the disk is full')
    expect(told).toEqual([false])
  })

  test('settles once: a response that is destroyed after its end is a success', async () => {
    const { response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    response.writeHead(204).end()
    response.destroy()
    expect(told).toEqual([true])
  })

  // A server destroys a socket that times out, or when it closes all connections, and the handler still runs.
  test('waits for the handler when the socket is destroyed', async () => {
    const { response } = await exchange()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    response.socket?.destroy()
    await once(response, 'close')
    expect(told).toEqual([])
    response.writeHead(204).end()
    expect(told).toEqual([true])
  })

  test('settles as a failure when the client has gone already', async () => {
    const { client, response } = await exchange()
    const { told, delivery } = recorder()
    client.destroy()
    await once(response, 'close')
    settleWithResponse(response, delivery)
    expect(told).toEqual([false])
  })

  test('leaves the response alone when there is nothing to tell', async () => {
    const { response } = await exchange()
    settleWithResponse(response, { ...recorder().delivery, isSettled: true })
    expect(Object.hasOwn(response, 'end')).toBe(false)
  })
})

describe('settleWithResponse over HTTP/2', () => {
  test.each([
    [204, true],
    [500, false],
  ])('after the answer %i settles as %j', async (status, succeeded) => {
    const { response } = await exchangeOverHttp2()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    response.statusCode = status
    response.end()
    expect(told).toEqual([succeeded])
  })

  // `finish` was emitted with status 200, and a handler that failed was taken to have succeeded.
  test('does not take a stream that was reset for a success', async () => {
    const { client, response } = await exchangeOverHttp2()
    const { told, delivery } = recorder()
    settleWithResponse(response, delivery)
    client.close(8)
    await once(response, 'close')
    expect(told).toEqual([])
    response.statusCode = 500
    response.end()
    expect(told).toEqual([false])
  })

  // It left the delivery claimed for seven days.
  test('settles as a failure when the stream was reset already', async () => {
    const { client, response } = await exchangeOverHttp2()
    const { told, delivery } = recorder()
    client.close(8)
    await once(response, 'close')
    settleWithResponse(response, delivery)
    expect(told).toEqual([false])
  })
})
