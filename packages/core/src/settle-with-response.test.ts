import { EventEmitter, once } from 'node:events'
import { createServer, request, type ClientRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
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

function recorder() {
  const calls = new EventEmitter()
  const settled = once(calls, 'settle').then(([succeeded]) => succeeded as boolean)
  return { settled, settle: async (succeeded: boolean) => void calls.emit('settle', succeeded) }
}

function report(error: unknown): never {
  throw error
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
    const { settle, settled } = recorder()
    settleWithResponse(response, settle, report)
    response.writeHead(status).end()
    expect(await settled).toBe(succeeded)
  })

  test('goes by the status at the end, not the one before the handler ran', async () => {
    const { response } = await exchange()
    const { settle, settled } = recorder()
    response.statusCode = 200
    settleWithResponse(response, settle, report)
    response.statusCode = 503
    response.end()
    expect(await settled).toBe(false)
  })

  test('settles as a failure when the client goes before the answer', async () => {
    const { client, response } = await exchange()
    const { settle, settled } = recorder()
    settleWithResponse(response, settle, report)
    client.destroy()
    expect(await settled).toBe(false)
  })

  test('settles as a failure when the client has gone already', async () => {
    const { client, response } = await exchange()
    const { settle, settled } = recorder()
    client.destroy()
    await once(response, 'close')
    settleWithResponse(response, settle, report)
    expect(await settled).toBe(false)
  })

  test('says success first, so that the close after it cannot undo it', async () => {
    const { response } = await exchange()
    const calls: boolean[] = []
    settleWithResponse(response, async (succeeded) => void calls.push(succeeded), report)
    response.end()
    await once(response, 'close')
    expect(calls[0]).toBe(true)
  })

  test('reports what settling throws', async () => {
    const { response } = await exchange()
    const failure = new Error('store down')
    const reported = new Promise((resolve) => {
      settleWithResponse(response, async () => Promise.reject(failure), resolve)
    })
    response.end()
    expect(await reported).toBe(failure)
  })
})
