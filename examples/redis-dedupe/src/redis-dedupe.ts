import { randomUUID } from 'node:crypto'
import { toDedupeKey, type DedupeStore } from '@taskhook/core'
import { sendBy, type RedisLike } from './redis-client.ts'

/** Options of {@link redisDedupe}. */
export interface RedisDedupeOptions {
  /** A client of node-redis, connected, or of ioredis. */
  client: RedisLike
  /** How long a finished delivery is remembered, in milliseconds. Default 604 800 000, a week. */
  keepInMs?: number
  /** How long a claim is held unless it is renewed, in milliseconds. Default 60 000. */
  claimInMs?: number
  /** How long Redis may take to answer, in milliseconds. Default 5000. */
  timeoutInMs?: number
  /** What keys begin with. Default `webhook:`. */
  prefix?: string
}

/**
 * A `DedupeStore` on Redis, for any number of machines. A key holds `done`, or the name of the claim that has it, for
 * as long as that is; each step is one script, so that nothing comes between its reading and its writing.
 *
 * @example
 * const dedupe = redisDedupe({ client: await createClient({ url }).connect() }) // redis
 * const dedupe = redisDedupe({ client: new Redis(url) }) // ioredis
 */
export function redisDedupe({
  client,
  keepInMs = 7 * 24 * 60 * 60 * 1000,
  claimInMs = 60_000,
  timeoutInMs = 5000,
  prefix = 'webhook:',
}: RedisDedupeOptions): DedupeStore {
  /** Runs a script on one key; answers with a word. */
  async function run(script: string, key: string, ...parameters: (string | number)[]): Promise<string> {
    const command = ['1', key, ...parameters.map(String)]
    // A client that is not connected keeps commands until it is, and the sender has long gone by then.
    return String(await inTime(sendBy(client, ['EVAL', script, ...command]), timeoutInMs))
  }

  return {
    claimInMs,
    keepInMs,

    async begin(id) {
      const key = prefix + toDedupeKey(id)
      const owner = randomUUID()
      const answer = await run(beginScript, key, owner, claimInMs)
      if (answer === 'done' || answer === 'in-progress') return answer
      if (answer !== 'claimed') throw new Error(`Redis answered ${answer}`)
      return {
        commit: async () =>
          void (await run(
            ifOwner("redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2])"),
            key,
            owner,
            keepInMs,
          )),
        abort: async () => void (await run(ifOwner("redis.call('DEL', KEYS[1])"), key, owner)),
        renew: async () =>
          (await run(
            ifOwner("redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])"),
            key,
            owner,
            claimInMs,
          )) === 'yes',
      }
    },
  }
}

const beginScript = `
  local known = redis.call('GET', KEYS[1])
  if known == 'done' then return 'done' end
  if known then return 'in-progress' end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 'claimed'
`

// A claim that has ended has no key any more. As long as no other has taken it, it is still this one's: a handler that was slow
// to renew may go on, and commit.
function ifOwner(statement: string): string {
  return `
    local owner = redis.call('GET', KEYS[1])
    if owner and owner ~= ARGV[1] then return 'no' end
    ${statement}
    return 'yes'
  `
}

async function inTime<T>(answer: Promise<T>, timeoutInMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`Redis did not answer within ${timeoutInMs} ms`)),
    timeoutInMs,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
