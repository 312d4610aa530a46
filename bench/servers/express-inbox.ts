import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createVerifier } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { acceptInto, verifyWebhook } from '@taskhook/express'
import { createInbox } from '@taskhook/inbox'
import express from 'express'
import { answerParent } from '../child.ts'
import { secret } from '../secret.ts'
import type { ServerState } from './serve.ts'

/** What a receiver with an inbox is to do. The first question opens the inbox. */
export type InboxQuestion =
  | { kind: 'open'; store: string; isStarted: boolean }
  | { kind: 'state' }
  | { kind: 'idle' }
  | { kind: 'accept-and-time'; count: number }

/** What it says. */
export interface InboxAnswer extends ServerState {
  /** From `accept` to the handler, in milliseconds: of `accept-and-time`, else none. */
  latencies: number[]
}

// Without a logger, one that is not started says that webhooks wait.
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

let arrived = (): void => {}
let inbox: Awaited<ReturnType<typeof createInbox>> | undefined
let port = 0

async function open(store: string, isStarted: boolean): Promise<void> {
  inbox = await createInbox({ store, logger: quiet, handler: () => arrived() })
  if (isStarted) await inbox.start()
  const app = express()
  app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
}

async function acceptAndTime(count: number): Promise<number[]> {
  const verifier = createVerifier({ secret })
  const latencies: number[] = []
  for (let index = 0; index < count; index += 1) {
    const { headers, url, body } = signedRequest({ secret })
    const verification = await verifier.verify({ headers, url, body: Buffer.from(body) })
    if (verification.outcome !== 'event') throw new Error(`the verifier says ${verification.outcome}`)
    // Long enough for the last one to be written down, and at any point between two looks at what is new.
    await delay(20 + 50 * Math.random())
    const { promise, resolve } = Promise.withResolvers<number>()
    arrived = () => resolve(performance.now())
    const startedAt = performance.now()
    await inbox?.accept(verification.webhook)
    latencies.push((await promise) - startedAt)
  }
  return latencies
}

answerParent(async (given): Promise<InboxAnswer> => {
  const question = given as InboxQuestion
  if (question.kind === 'open') await open(question.store, question.isStarted)
  if (question.kind === 'idle') await inbox?.idle()
  const latencies = question.kind === 'accept-and-time' ? await acceptAndTime(question.count) : []
  const { user, system } = process.cpuUsage()
  return { port, cpuTimeInMs: (user + system) / 1000, latencies }
})
