import { randomUUID } from 'node:crypto'
import { createSigner, encodeTaskEvent } from '@taskhook/core'
import { Pool } from 'undici'
import { answerParent } from './child.ts'
import { secret } from './secret.ts'

/** How many requests to post where. */
export interface Posts {
  client: 'Pool' | 'fetch'
  port: number
  concurrency: number
  count: number
}

/** What came of {@link Posts}. */
export interface PostsResult {
  requestsPerSecond: number
}

const clients = { Pool: pool, fetch: globalFetch }

// Signed once: what is measured is the client, and nothing that a sender does beside.
async function postInLoops({ client, port, concurrency, count }: Posts): Promise<PostsResult> {
  const body = encodeTaskEvent({ taskId: randomUUID(), eventType: 'OrderAccepted' })
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'taskhook/0.0.0',
    ...createSigner(secret)({ id: randomUUID(), sentAt: new Date(), body: Buffer.from(body) }),
  }
  await using opened = clients[client]({ origin: `http://127.0.0.1:${port}`, concurrency, headers, body })
  let begun = 0
  const work = async (): Promise<void> => {
    while (begun < count) {
      begun += 1
      const status = await opened.post()
      if (status !== 204) throw new Error(`answered with ${status}`)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, work))
  return { requestsPerSecond: (count * 1000) / (performance.now() - startedAt) }
}

interface Request {
  origin: string
  concurrency: number
  headers: Record<string, string>
  body: string
}

interface Client extends AsyncDisposable {
  /** Resolves to the status. */
  post: () => Promise<number>
}

function pool({ origin, concurrency, headers, body: text }: Request): Client {
  const opened = new Pool(origin, { connections: concurrency, pipelining: 1 })
  const body = Buffer.from(text)
  return {
    async post() {
      const response = await opened.request({ method: 'POST', path: '/automation', headers, body })
      await response.body.dump()
      return response.statusCode
    },
    [Symbol.asyncDispose]: () => opened.close(),
  }
}

function globalFetch({ origin, headers, body }: Request): Client {
  return {
    async post() {
      const response = await fetch(`${origin}/automation`, { method: 'POST', headers, body })
      await response.arrayBuffer()
      return response.status
    },
    async [Symbol.asyncDispose]() {},
  }
}

answerParent((question) => postInLoops(question as Posts))
