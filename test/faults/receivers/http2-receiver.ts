import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DedupeStore } from '@taskhook/core'
import { verifyWebhook } from '@taskhook/fastify'
import fastify from 'fastify'

/** A receiver over HTTP/2, which counts what it handles. */
export interface Http2Receiver extends AsyncDisposable {
  origin: string
  /** How often each delivery was handled to its end. */
  handled: ReadonlyMap<string, number>
  /** How often the handler failed. */
  readonly failures: number
}

/** Options of {@link startHttp2Receiver}. */
export interface Http2ReceiverOptions {
  secret: string
  dedupe: DedupeStore
  /** Decides how long a handler takes, and whether it fails, which is one in ten. */
  random: () => number
  /** How many streams may be reset: as many as these look like an attack to Node.js. */
  streamCount: number
}

/** Starts Fastify on HTTP/2. */
export async function startHttp2Receiver({
  secret,
  dedupe,
  random,
  streamCount,
}: Http2ReceiverOptions): Promise<Http2Receiver> {
  const handled = new Map<string, number>()
  let failures = 0
  const limits = { streamResetBurst: streamCount, streamResetRate: streamCount }
  const app = fastify({
    serverFactory: (listener) => createServer(limits, listener as never) as never,
  })
  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, dedupe })
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
    async [Symbol.asyncDispose]() {
      // Fastify leaves a server alone that it was not told to listen with.
      app.server.close()
      await app.close()
    },
  }
}
