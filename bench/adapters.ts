import type { Bench, Candidate } from './bench.ts'
import { startChild, type Child } from './child.ts'
import type { Load, LoadResult } from './load.ts'
import { median } from './median.ts'
import type { ServerState } from './servers/serve.ts'
import { wireRequests } from './wire-requests.ts'

const expressFloor = 'Express, raw-body and by hand'
const fastifyFloor = 'Fastify, by hand'
const fastifyHook = 'Fastify, by hand in a hook, with the schema'
const connections = 32
const warmUpInMs = 100
const durationInMs = 400

/**
 * Requests a second of a whole service: the framework with the adapter, against the same framework with the check by
 * hand. Server and load each have a process of their own.
 */
export async function adapters(): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  const load = stack.use(startChild<Load, LoadResult>(new URL('./load.ts', import.meta.url)))
  const startServer = (script: URL): Child<object, ServerState> =>
    stack.use(startChild<object, ServerState>(script))
  const express = startServer(new URL('./servers/express-taskhook.ts', import.meta.url))
  const fastify = startServer(new URL('./servers/fastify-taskhook.ts', import.meta.url))

  const plain = wireRequests({ count: 64, standardWebhooks: false })
  const standard = wireRequests({ count: 64, standardWebhooks: true })
  const busy: number[] = []

  function candidate(name: string, server: Child<object, ServerState>, requests = plain): Candidate {
    return {
      name,
      async measure() {
        const { port, cpuTimeInMs: usedBefore } = await server.ask({})
        const startedAt = performance.now()
        const result = await load.ask({ port, requests, connections, warmUpInMs, durationInMs })
        const elapsedInMs = performance.now() - startedAt
        const { cpuTimeInMs } = await server.ask({})
        busy.push((cpuTimeInMs - usedBefore) / elapsedInMs)
        return result.requestsPerSecond
      },
    }
  }

  const candidates: Candidate[] = [
    candidate(
      'node:http, raw-body and by hand',
      startServer(new URL('./servers/node-http-by-hand.ts', import.meta.url)),
    ),
    candidate(expressFloor, startServer(new URL('./servers/express-raw-body-by-hand.ts', import.meta.url))),
    { ...candidate('Express, @taskhook/express', express), floor: expressFloor, target: '≥ 0.95' },
    {
      ...candidate('Express, @taskhook/express, Standard Webhooks headers too', express, standard),
      floor: expressFloor,
    },
    {
      ...candidate(
        'Express, raw-body and by hand, with the schema',
        startServer(new URL('./servers/express-raw-body-and-schema-by-hand.ts', import.meta.url)),
      ),
      floor: expressFloor,
    },
    {
      ...candidate(
        'Express, express.raw() and by hand',
        startServer(new URL('./servers/express-raw-by-hand.ts', import.meta.url)),
      ),
      floor: expressFloor,
    },
    candidate(fastifyFloor, startServer(new URL('./servers/fastify-by-hand.ts', import.meta.url))),
    { ...candidate('Fastify, @taskhook/fastify', fastify), floor: fastifyFloor, target: '≥ 0.9' },
    {
      ...candidate('Fastify, @taskhook/fastify, against that hook', fastify),
      floor: fastifyHook,
      target: '≥ 0.95',
    },
    {
      ...candidate('Fastify, @taskhook/fastify, Standard Webhooks headers too', fastify, standard),
      floor: fastifyFloor,
    },
    {
      ...candidate(
        fastifyHook,
        startServer(new URL('./servers/fastify-and-schema-by-hand.ts', import.meta.url)),
      ),
      floor: fastifyFloor,
    },
  ]

  const started = stack.move()
  return {
    title: 'adapters',
    unit: 'req/s',
    rounds: 15,
    candidates,
    note: () =>
      `In the median the server that was asked used ${Math.round(median(busy) * 100)} % of a core. ` +
      'Were that well below 100 %, the machine would have had other work, and the figures would mean little.',
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
