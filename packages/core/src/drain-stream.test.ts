import { once } from 'node:events'
import { createServer, request, type ClientRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { refuseAsItBegins } from './test-refusal.ts'

afterEach(() => void vi.useRealTimers())

/** A request whose body is refused as it begins, and which goes on. */
async function refused(): Promise<{ client: ClientRequest; closed: Promise<unknown> }> {
  const server = createServer((incoming, response) => {
    refuseAsItBegins(incoming, () => response.writeHead(413).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST' })
  client.on('error', () => {})
  const closed = new Promise((resolve) => void client.once('close', resolve))
  const answered = once(client, 'response')
  client.write('x')
  const [response] = await answered
  expect(response.statusCode).toBe(413)
  response.resume()
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  return { client, closed }
}

test('lets a client end its body', async () => {
  const { client, closed } = await refused()
  client.end(Buffer.alloc(1024 * 1024))
  await closed
  expect(client.errored).toBeNull()
})

test('ends the connection of a client that does not stop', async () => {
  const { client, closed } = await refused()
  const chunk = Buffer.alloc(1024 * 1024)
  // A turn of the event loop each, since Node.js 26 calls back at once for a connection that has just gone.
  const sendOn = (): void => {
    if (!client.destroyed) client.write(chunk, () => void setImmediate(sendOn))
  }
  sendOn()
  await closed
  expect(client.writableEnded).toBe(false)
})

test('ends the connection of a client that sends nothing more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { client, closed } = await refused()
  vi.advanceTimersByTime(10_000)
  await closed
  expect(client.writableEnded).toBe(false)
})
