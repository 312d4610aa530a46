import { dedupeStoreContract } from '@taskhook/core/testing'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RedisLike } from './redis-client.ts'
import { redisDedupe } from './redis-dedupe.ts'
import { startRedisStandIn, type RedisStandIn } from './testing/redis-stand-in.ts'

type Connect = (url: string) => Promise<{ client: RedisLike; end: () => void }>

const clients: Record<string, Connect> = {
  async redis(url) {
    const client = await createClient({ url }).on('error', ignore).connect()
    return { client, end: () => client.destroy() }
  },
  async 'redis 5'(url) {
    const client = await createClient5({ url }).on('error', ignore).connect()
    return { client, end: () => client.destroy() }
  },
  async ioredis(url) {
    const client = new Redis(url).on('error', ignore)
    return { client, end: () => client.disconnect() }
  },
}

// A real server, if there is one: REDIS_URL=redis://127.0.0.1:6379 pnpm test:unit examples/redis-dedupe. Its time cannot be moved.
const { REDIS_URL } = process.env

describe.each(Object.entries(clients))('redisDedupe by the client %s', (_name, connect) => {
  let standIn: RedisStandIn
  let connection: Awaited<ReturnType<Connect>>
  beforeAll(async () => {
    standIn = await startRedisStandIn()
    connection = await connect(REDIS_URL ?? standIn.url)
  })
  afterAll(async () => {
    connection.end()
    await standIn[Symbol.asyncDispose]()
  })

  const contract = dedupeStoreContract({
    openStore: (times) => redisDedupe({ client: connection.client, ...times }),
    isShared: true,
    ...(REDIS_URL === undefined && { pass: (durationInMs: number) => standIn.pass(durationInMs) }),
  })
  test.each(contract)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })

  test('fails when the server does not answer in time', async () => {
    const silent = await startRedisStandIn()
    const { client, end } = await connect(silent.url)
    onTestFinished(async () => {
      end()
      await silent[Symbol.asyncDispose]()
    })
    const claim = await redisDedupe({ client }).begin('a')
    silent.fallSilent()
    await expect(redisDedupe({ client, timeoutInMs: 5 }).begin('b')).rejects.toThrow('within 5 ms')
    expect(claim).toBeTypeOf('object')
  })
})

test('an answer that is none of the three is an error', async () => {
  for (const answer of ['OK', null, 1, undefined]) {
    const store = redisDedupe({ client: { sendCommand: async () => answer } })
    await expect(store.begin('a')).rejects.toThrow('Redis answered')
  }
})

function ignore(): void {}
