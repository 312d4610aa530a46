import { randomUUID } from 'node:crypto'
import { createSigner, encodeTaskEvent } from '@taskhook/core'
import { createEndpoint } from '@taskhook/sender'
import { Pool } from 'undici'
import type { Bench, Candidate } from './bench.ts'
import { startChild } from './child.ts'
import { secret } from './secret.ts'
import type { ServerState } from './servers/serve.ts'

const concurrencies = [10, 100]
const durationInMs = 500

/**
 * Attempts a second of an endpoint, each one encoded, signed, posted and its answer read, against a bare undici `Pool`
 * that posts one body and one set of headers again and again. The receiver has a process of its own.
 */
export async function attempt(): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(
    startChild<object, ServerState>(new URL('./servers/node-http-receiver.ts', import.meta.url)),
  )
  const { port } = await receiver.ask({})
  const origin = `http://127.0.0.1:${port}`
  const taskId = randomUUID()
  const body = Buffer.from(encodeTaskEvent({ taskId, eventType: 'OrderAccepted' }))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'taskhook/0.0.0',
    ...createSigner(secret)({ id: randomUUID(), sentAt: new Date(), body }),
  }

  async function pair(concurrency: number): Promise<Candidate[]> {
    const floor = `undici Pool, ${concurrency} at once`
    const pool = stack.adopt(new Pool(origin, { connections: concurrency, pipelining: 1 }), (opened) =>
      opened.close(),
    )
    const endpoint = stack.adopt(
      await createEndpoint({
        enabled: true,
        endpoint: `${origin}/automation`,
        secret,
        maxConcurrency: concurrency,
      }),
      (opened) => opened.close(),
    )

    async function post(): Promise<void> {
      const response = await pool.request({ method: 'POST', path: '/automation', headers, body })
      await response.body.dump()
      if (response.statusCode !== 204) throw new Error(`answered with ${response.statusCode}`)
    }
    let deliveries = 0
    async function deliver(): Promise<void> {
      const result = await endpoint.deliver({ id: `msg_${deliveries++}`, taskId, eventType: 'OrderAccepted' })
      if (result.outcome !== 'delivered') throw new Error(`not delivered: ${result.outcome}`)
    }
    return [
      { name: floor, measure: () => attemptsPerSecond(post, concurrency) },
      {
        name: `endpoint.deliver, ${concurrency} at once`,
        floor,
        target: '≥ 0.85',
        measure: () => attemptsPerSecond(deliver, concurrency),
      },
    ]
  }

  const candidates: Candidate[] = []
  for (const concurrency of concurrencies) candidates.push(...(await pair(concurrency)))

  const started = stack.move()
  return {
    title: 'attempt',
    unit: 'req/s',
    rounds: 15,
    candidates,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function attemptsPerSecond(operation: () => Promise<void>, concurrency: number): Promise<number> {
  const startedAt = performance.now()
  let operations = 0
  const work = async (): Promise<void> => {
    while (performance.now() - startedAt < durationInMs) {
      await operation()
      operations += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return (operations * 1000) / (performance.now() - startedAt)
}
