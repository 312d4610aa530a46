/**
 * A receiver that stores what it accepts in an inbox. Its handler writes one row in the transaction of its attempt, or, without
 * transactions, notes in a log that it began and how it ended; one in twenty fails after that.
 */
import { appendFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { acceptInto, answerProblems, verifyWebhook } from '@taskhook/express'
import { createInbox } from '@taskhook/inbox'
import express from 'express'
import type { ClientBase } from 'pg'
import { endWithParent, optionsFromParent, tellParent } from '../parent.ts'
import { seededRandom } from '../seeded-random.ts'
import { writeEffect } from './effects.ts'
import { insist } from '../insist.ts'

/** What a receiver process is told. */
export interface InboxProcessOptions {
  /** Its name, which is kept with each effect. */
  name: string
  /** As `createInbox` takes it. */
  store: string
  secret: string
  leaseInMs: number
  maxConcurrency: number
  /** Where handlers note that they began and how they ended; with transactions, there is none. */
  log?: string
  /** Decides which handlers fail, and how long they take. */
  seed: number
}

const failureRatio = 0.05
const longestHandlingInMs = 6
// By then every connection has been made and used.
const steadyAfter = 30

const { name, store, secret, leaseInMs, maxConcurrency, log, seed } = optionsFromParent<InboxProcessOptions>()
endWithParent()
tellParent({ kind: 'starting' })

const random = seededRandom(seed)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
let handled = 0

const inbox = await insist(() =>
  createInbox<ClientBase | DatabaseSync>({
    store,
    logger: quiet,
    transaction: log === undefined,
    maxConcurrency,
    leaseInMs,
    // These deaths are not the handler's doing: nothing may be given up for having been under way in some of them.
    crashLimit: 1000,
    retryScheduleInMs: [0, ...Array.from({ length: 100 }, () => 20)],
    async handler({ delivery }, context) {
      const id = delivery!.id
      if (log !== undefined) appendFileSync(log, `begin ${name} ${id}\n`)
      await wait(random() * longestHandlingInMs)
      if (log === undefined) {
        await writeEffect(context.transaction, { id, receiver: name })
        // Some die, fail or stall with the row written and not committed.
        if (random() < 0.2) await wait(random() * longestHandlingInMs)
      }
      const fails = random() < failureRatio
      if (log !== undefined) appendFileSync(log, `${fails ? 'fail' : 'end'} ${name} ${id}\n`)
      if (fails) throw new Error('fails after it has written')
      handled += 1
      if (handled === steadyAfter) tellParent({ kind: 'steady' })
    },
  }),
)
await insist(() => inbox.start())

const app = express()
app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
// What was answered 503 the client counts; the default prints it.
app.use(answerProblems({ onRefused() {} }))
const server = app.listen(0, '127.0.0.1', () => {
  tellParent({ kind: 'listening', port: (server.address() as AddressInfo).port })
})

process.once('message', () => void finish())

/** Handles what all of them have accepted, then ends. */
async function finish(): Promise<void> {
  while ((await countPending()) > 0) await wait(50)
  server.close()
  server.closeAllConnections()
  await inbox.stop()
  tellParent({ kind: 'drained' })
  process.disconnect()
}

async function countPending(): Promise<number> {
  const statuses = await insist(() => inbox.endpoints.list())
  return statuses.reduce((sum, { pending }) => sum + pending, 0)
}
