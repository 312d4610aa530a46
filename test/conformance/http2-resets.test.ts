import { once } from 'node:events'
import { connect, constants, createServer, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { memoryDedupe } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { verifyWebhook } from '@taskhook/fastify'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { seededRandom } from '../faults/seeded-random.ts'

const secret = 'a secret that both sides share'
const deliveryCount = 2_000
const clientCount = 20

// A reset stream counted as a success, and what failed was never sent again; a reset before the claim left a delivery in
// progress for seven days.
test('2,000 deliveries over HTTP/2, of which three in ten are reset: each is handled, and once', async () => {
  const random = seededRandom(1)
  await using receiver = await startReceiver(random)
  const next = Array.from({ length: deliveryCount }, (_, index) => `msg_${index}`).values()
  let resets = 0
  const open = (): ClientHttp2Session => connect(receiver.origin).on('error', () => {})

  const deliverInTurn = async (): Promise<void> => {
    let session = open()
    for (const id of next) {
      if (random() < 0.3) {
        resets += 1
        session = await sendAndLeave(session, id)
      }
      let status: number
      // As a sender does, but at once: what is in progress ends within some turns of the event loop.
      do {
        if (session.destroyed || session.closed) session = open()
        status = await send(session, id)
        await nextTurn()
      } while (status !== 204)
    }
    session.close()
  }

  /** Resets the stream, or loses the connection, somewhere between the request's first byte and its answer. */
  const sendAndLeave = async (session: ClientHttp2Session, id: string): Promise<ClientHttp2Session> => {
    const stream = post(session, id)
    const closed = new Promise((resolve) => void stream.once('close', resolve))
    for (let turn = Math.floor(random() * 12); turn > 0; turn -= 1) await nextTurn()
    if (random() < 0.1) session.destroy()
    else stream.close(constants.NGHTTP2_CANCEL)
    await closed
    return session.destroyed ? open() : session
  }

  await Promise.all(Array.from({ length: clientCount }, deliverInTurn))

  expect(resets).toBeGreaterThan(0.28 * deliveryCount)
  expect(receiver.failures).toBeGreaterThan(0)
  expect(receiver.handled.size).toBe(deliveryCount)
  expect([...receiver.handled].filter(([, times]) => times !== 1)).toEqual([])
})

async function startReceiver(random: () => number) {
  // How often each delivery was handled to its end.
  const handled = new Map<string, number>()
  let failures = 0
  const app = fastify({
    // As many resets as these look like an attack to Node.js.
    serverFactory: (listener) =>
      createServer(
        { streamResetBurst: 2 * deliveryCount, streamResetRate: 2 * deliveryCount },
        listener as never,
      ) as never,
  })
  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, dedupe: memoryDedupe() })
    scope.post('/automation', async ({ webhook }, reply) => {
      for (let turn = Math.floor(random() * 6); turn > 0; turn -= 1) await nextTurn()
      if (random() < 0.1) {
        failures += 1
        throw new Error('the disk is full')
      }
      const { id = '' } = webhook.delivery ?? {}
      handled.set(id, (handled.get(id) ?? 0) + 1)
      return reply.code(204).send()
    })
  })
  await app.ready()
  app.server.listen(0, '127.0.0.1')
  await once(app.server, 'listening')
  return {
    origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    handled,
    get failures() {
      return failures
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

function post(session: ClientHttp2Session, id: string): ClientHttp2Stream {
  const { method, url, headers, body } = signedRequest({ secret, id })
  const stream = session.request({ ':method': method, ':path': url, ...headers })
  stream.on('error', () => {})
  stream.resume()
  stream.end(body)
  return stream
}

/** The status of the answer, or 0 when the stream ended without one. */
function send(session: ClientHttp2Session, id: string): Promise<number> {
  const stream = post(session, id)
  return new Promise((resolve) => {
    stream.once('response', (headers) => resolve(headers[':status'] ?? 0))
    stream.once('close', () => resolve(0))
  })
}
