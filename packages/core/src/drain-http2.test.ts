import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { refuseAsItBegins } from './test-refusal.ts'

afterEach(() => void vi.useRealTimers())

/** A request over HTTP/2 whose body is refused as it begins, and which goes on. */
async function refused(): Promise<{
  client: ClientHttp2Stream
  closed: Promise<unknown>
  session: ClientHttp2Session
}> {
  const server = createServer((incoming, response) => {
    refuseAsItBegins(incoming, () => response.writeHead(413).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const client = session.request({ ':method': 'POST' }, { endStream: false })
  client.on('error', () => {})
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  const closed = new Promise((resolve) => void client.once('close', resolve))
  const answered = once(client, 'response')
  client.write('x')
  const [headers] = (await answered) as [{ ':status': number }]
  expect(headers[':status']).toBe(413)
  client.resume()
  return { client, closed, session }
}

// The request of HTTP/2 was destroyed, and its stream was not: it stayed open as long as the client's connection did.
test('ends the stream of a client that sends nothing more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { closed, session } = await refused()
  vi.advanceTimersByTime(10_000)
  await closed
  expect(session.destroyed).toBe(false)
})

test('ends the stream of a client that does not stop', async () => {
  const { client, closed, session } = await refused()
  const chunk = Buffer.alloc(1024 * 1024)
  const sendOn = (): void => {
    if (!client.destroyed) client.write(chunk, () => void setImmediate(sendOn))
  }
  sendOn()
  await closed
  expect(session.destroyed).toBe(false)
})
