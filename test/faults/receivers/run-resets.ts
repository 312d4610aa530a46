import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DedupeStore } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { seededRandom } from '../seeded-random.ts'
import { startHttp2Receiver } from './http2-receiver.ts'

/** A run of {@link runResets}. */
export interface ResetRunOptions {
  deliveries: number
  /** Decides which deliveries are reset and when, and how the handler ends. */
  seed: number
  dedupe: DedupeStore
}

/** What came of it. */
export interface ResetRunResult {
  /** Streams that were reset, or lost with their connection, before their answer. */
  resets: number
  /** How often the handler failed. */
  failures: number
  /** Deliveries that were handled not at all, though the receiver said so; and more than once. */
  lost: string[]
  twice: string[]
  /** Deliveries that the receiver refused for half a minute. */
  stuck: string[]
}

const secret = 'a secret that both sides share'
const clientCount = 20
const stuckAfterInMs = 30_000

/**
 * Delivers over HTTP/2 to Fastify, three in ten with a first attempt that is reset, or whose connection is lost, somewhere between its
 * first byte and its answer; one handler in ten fails. Each delivery is attempted until it is answered 204.
 */
export async function runResets({ deliveries, seed, dedupe }: ResetRunOptions): Promise<ResetRunResult> {
  const random = seededRandom(seed)
  await using receiver = await startHttp2Receiver({ secret, dedupe, random, streamCount: 2 * deliveries })
  const ids = Array.from({ length: deliveries }, (_, index) => `msg_${index}`)
  const next = ids.values()
  const stuck: string[] = []
  let resets = 0
  const open = (): ClientHttp2Session => connect(receiver.origin).on('error', () => {})

  /** Resets the stream, or loses the connection. */
  async function sendAndLeave(session: ClientHttp2Session, id: string): Promise<void> {
    const stream = post(session, id)
    const closed = new Promise((resolve) => void stream.once('close', resolve))
    for (let turn = Math.floor(random() * 12); turn > 0; turn -= 1) await nextTurn()
    if (random() < 0.1) session.destroy()
    else stream.close(constants.NGHTTP2_CANCEL)
    await closed
    resets += 1
  }

  async function deliverInTurn(): Promise<void> {
    let session = open()
    for (const id of next) {
      if (random() < 0.3) await sendAndLeave(session, id)
      const startedAt = performance.now()
      // As a sender does, but at once: what is in progress ends within some turns of the event loop.
      for (;;) {
        if (session.destroyed || session.closed) session = open()
        if ((await send(session, id)) === 204) break
        await nextTurn()
        if (performance.now() - startedAt < stuckAfterInMs) continue
        stuck.push(id)
        break
      }
    }
    session.close()
  }

  await Promise.all(Array.from({ length: clientCount }, deliverInTurn))
  const { handled, failures } = receiver
  return {
    resets,
    failures,
    lost: ids.filter((id) => !handled.has(id) && !stuck.includes(id)),
    twice: ids.filter((id) => (handled.get(id) ?? 0) > 1),
    stuck,
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
