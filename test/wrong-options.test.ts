import { createVerifier, jwksKeys, memoryDedupe, verifierOptionNames } from '@taskhook/core'
import type { JwksOptions, MemoryDedupeOptions } from '@taskhook/core'
import { signedRequest, type SignedRequestOptions } from '@taskhook/core/testing'
import { answerProblems, verifyWebhook as expressMiddleware } from '@taskhook/express'
import { verifyWebhook as fastifyPlugin } from '@taskhook/fastify'
import { createInbox, type InboxOptions } from '@taskhook/inbox'
import { sqliteDedupe, type SqliteDedupeOptions } from '@taskhook/outbox/dedupe'
import { postgresDedupe, type PostgresDedupeOptions } from '@taskhook/postgres/dedupe'
import { verifyWebhook, webhookHandler } from '@taskhook/web'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'

// Some of it throws an error without a code when it is turned into a string or a number.
/** What no option of any receiver, inbox or dedupe store takes. */
const wrong: unknown[] = [null, Number.NaN, Symbol('wrong'), 1n, [null], { toString: 1 }]

/** A function that takes options: with what it works, and the names of all of its options. */
interface Taker {
  take: (options: never) => unknown
  base: object
  names: readonly string[]
}

const secret = 'a secret that both sides share'
const verifierNames = Object.keys(verifierOptionNames)

const takers: Record<string, Taker> = {
  createVerifier: { take: createVerifier, base: { secret }, names: verifierNames },
  'verifyWebhook of express': { take: expressMiddleware, base: { secret }, names: verifierNames },
  'verifyWebhook of fastify': {
    take: async (options) => fastify().register(fastifyPlugin, options),
    base: { secret },
    names: verifierNames,
  },
  'verifyWebhook of web': {
    take: (options) => verifyWebhook(new Request('http://127.0.0.1/'), options),
    base: { secret },
    names: verifierNames,
  },
  webhookHandler: {
    take: (options) => webhookHandler(options, () => {}),
    base: { secret },
    names: [...verifierNames, 'onError', 'onRefused'],
  },
  answerProblems: { take: answerProblems, base: {}, names: ['onRefused'] },
  memoryDedupe: {
    take: memoryDedupe,
    base: {},
    names: namesOf<MemoryDedupeOptions>({ maxEntries: true, claimInMs: true, keepInMs: true, now: true }),
  },
  sqliteDedupe: {
    take: sqliteDedupe,
    base: { file: ':memory:' },
    names: namesOf<Omit<SqliteDedupeOptions, 'database'>>({
      file: true,
      keepInMs: true,
      claimInMs: true,
      busyTimeoutInMs: true,
      now: true,
      bootClock: true,
    }),
  },
  'sqliteDedupe on a connection': { take: sqliteDedupe, base: {}, names: ['database'] },
  postgresDedupe: {
    take: postgresDedupe,
    base: { connectionString: 'postgres://127.0.0.1/nowhere' },
    names: namesOf<Omit<PostgresDedupeOptions, 'pool'>>({
      connectionString: true,
      schema: true,
      keepInMs: true,
      claimInMs: true,
      maxConnections: true,
      connectionTimeoutInMs: true,
      statementTimeoutInMs: true,
      now: true,
    }),
  },
  'postgresDedupe on a pool': { take: postgresDedupe, base: {}, names: ['pool'] },
  jwksKeys: {
    take: jwksKeys,
    base: { url: 'https://automation.example.org/jwks.json' },
    names: namesOf<JwksOptions>({
      url: true,
      cacheInMs: true,
      cooldownInMs: true,
      staleInMs: true,
      timeoutInMs: true,
      fetch: true,
      now: true,
    }),
  },
  createInbox: {
    take: createInbox,
    base: { handler: () => {}, store: 'sqlite::memory:' },
    names: namesOf<InboxOptions>({
      store: true,
      handler: true,
      transaction: true,
      schema: true,
      retryScheduleInMs: true,
      maxConcurrency: true,
      handlerTimeoutInMs: true,
      whenExhausted: true,
      crashLimit: true,
      idOf: true,
      taskIdOf: true,
      id: true,
      retentionInMs: true,
      leaseInMs: true,
      logger: true,
      now: true,
    }),
  },
  signedRequest: {
    take: signedRequest,
    base: { secret },
    names: namesOf<SignedRequestOptions>({
      secret: true,
      taskId: true,
      eventType: true,
      key: true,
      url: true,
      id: true,
      sentAt: true,
      standardWebhooks: true,
      body: true,
      headers: true,
    }),
  },
}

// A boot clock of sqliteDedupe and a falsy logger of an inbox were taken, and failed when they were first used.
describe.each(Object.entries(takers))('%s refuses what it cannot use, and names it', (_name, taker) => {
  test.each(taker.names)('%s', async (name) => {
    for (const value of wrong) {
      expect(await refusalOf(taker, { ...taker.base, [name]: value })).toMatchObject({
        code: 'option_invalid',
        message: expect.stringMatching(new RegExp(String.raw`^${name}\b`)),
      })
    }
  })

  test('options that are no object', async () => {
    for (const value of [null, 'options', 7, true, () => {}]) {
      // Fastify gives a plugin an empty object for what is falsy, and calls a function for its options.
      const option = expect.stringMatching(/^(?:options|secret)$/)
      expect(await refusalOf(taker, value)).toMatchObject({ code: 'option_invalid', option })
    }
  })
})

async function refusalOf({ take }: Taker, options: unknown): Promise<unknown> {
  try {
    await take(options as never)
    return 'taken'
  } catch (error) {
    return error
  }
}

/** The names of all options; the compiler keeps them complete. */
function namesOf<Options>(names: Readonly<Record<keyof Options, true>>): string[] {
  return Object.keys(names)
}
