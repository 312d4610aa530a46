import { Agent, request as send, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'
import { secret, sentAt, signed } from './signed.ts'

// More than all the buffers on the way hold.
const large = Buffer.alloc(8 * 1024 * 1024, ' ')
// Hono's server ends the connection of a body that is still coming half a second after the answer.
const largeFor: Partial<Record<ReceiverName, Buffer>> = { Hono: Buffer.alloc(128 * 1024, ' ') }

// Fastify ended the connection of a body over its limit, and a Fetch body that is canceled takes its connection with it:
// a client that was still sending got ECONNRESET in place of the answer.
describe.each(receiverNames)('%s', (name) => {
  test.each([
    { kind: 'that says its length', isChunked: false },
    { kind: 'in chunks', isChunked: true },
  ])(
    'a client that sends all of a body over the limit $kind gets the answer, and its connection is good for more',
    async ({ isChunked }) => {
      await using receiver = await receivers[name]({
        options: { secret, now: () => sentAt.getTime() },
        handler: () => 200,
      })
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      onTestFinished(() => agent.destroy())
      const sockets = new Set<Socket>()

      async function post(
        own: Record<string, string | number>,
        body: Buffer | string,
      ): Promise<number | undefined> {
        const client = send({
          port: receiver.port,
          host: '127.0.0.1',
          path: '/automation',
          method: 'POST',
          agent,
          headers: own,
        })
        client.on('socket', (socket) => sockets.add(socket))
        const answered = once(client, 'response') as Promise<[IncomingMessage]>
        client.end(body)
        // It reads no answer before it has sent its body.
        const [[response]] = await Promise.all([answered, once(client, 'finish')])
        response.resume()
        await once(response, 'end')
        return response.statusCode
      }

      const good = signed()
      const goodHeaders = Object.fromEntries(good.headers)
      const { 'content-length': _length, ...others } = goodHeaders
      const body = largeFor[name] ?? large
      const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }
      expect(await post({ ...others, ...framing }, body)).toBe(413)
      expect(
        await post(goodHeaders, Buffer.concat((good.chunks ?? []).map((chunk) => Buffer.from(chunk)))),
      ).toBe(200)
      expect(sockets.size).toBe(1)
    },
  )
})
