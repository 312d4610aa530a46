import { setTimeout as wait } from 'node:timers/promises'
import { signedRequest } from '@taskhook/core/testing'
import { startChild, type Child } from '../child.ts'
import { seededRandom } from '../seeded-random.ts'
import type { DedupingProcessOptions } from './deduping-process.ts'
import { openEffects } from './effects.ts'

/** A run of {@link runDedupeKills}. */
export interface DedupeKillOptions {
  /** `postgres://…` with a table `effects (id text)`, or the path of a SQLite file. */
  database: string
  kills: number
  /** Decides which receiver is killed and when, and which handlers fail. */
  seed: number
}

/** What came of it. */
export interface DedupeKillResult {
  deliveries: number
  attempts: number
  /** Deliveries that were answered 204, and have left no effect, or more than one. */
  lost: string[]
  twice: string[]
  durationInMs: number
}

const secret = 'a secret that both sides share'
const receiverCount = 2
const clientCount = 8
const claimInMs = 300
// A sender waits for longer; here the claim of a killed process ends soon.
const retryInMs = 20

/**
 * Delivers to receiver processes on one database, each delivery until it is answered 204, while one of the processes after the other
 * gets SIGKILL and is started anew. Every handler writes one row, and settles its delivery in the same transaction.
 */
export async function runDedupeKills({
  database,
  kills,
  seed,
}: DedupeKillOptions): Promise<DedupeKillResult> {
  const startedAt = performance.now()
  const random = seededRandom(seed)
  const receivers = await Promise.all(Array.from({ length: receiverCount }, (_, index) => start(index)))
  const ids: string[] = []
  let attempts = 0
  let left = kills
  let untilKill = drawUntilKill()
  let restart: Promise<void> | undefined

  async function start(number: number): Promise<{ child: Child; port: number }> {
    const options: DedupingProcessOptions = { database, claimInMs, secret, seed: seed + number }
    const child = startChild('receivers/deduping-process.ts', options)
    const { port } = await child.message<{ port: number }>('listening')
    return { child, port }
  }

  function drawUntilKill(): number {
    return 5 + Math.floor(random() * 60)
  }

  /** One at a time, so that there is one to deliver to. */
  async function killOne(): Promise<void> {
    const index = Math.floor(random() * receiverCount)
    receivers[index]!.child.signal('SIGKILL')
    receivers[index] = await start(kills - left)
    left -= 1
    untilKill = drawUntilKill()
    restart = undefined
  }

  async function deliver(id: string): Promise<void> {
    const { method, url, headers, body } = signedRequest({ secret, id })
    for (;;) {
      attempts += 1
      untilKill -= 1
      if (untilKill <= 0 && left > 0) restart ??= killOne()
      const { port } = receivers[Math.floor(random() * receiverCount)]!
      const status = await fetch(`http://127.0.0.1:${port}${url}`, { method, headers, body }).then(
        (response) => response.status,
        () => 0,
      )
      if (status === 204) return
      await wait(retryInMs)
    }
  }

  async function deliverInTurn(): Promise<void> {
    while (left > 0) {
      const id = `msg_${ids.length}`
      ids.push(id)
      await deliver(id)
    }
  }

  try {
    await Promise.all(Array.from({ length: clientCount }, deliverInTurn))
    await restart
  } finally {
    for (const { child } of receivers) await child[Symbol.asyncDispose]()
  }
  const { count, close } = openEffects(database, claimInMs)
  const effects = await count()
  await close()
  return {
    deliveries: ids.length,
    attempts,
    lost: ids.filter((id) => !effects.has(id)),
    twice: ids.filter((id) => (effects.get(id) ?? 0) > 1),
    durationInMs: performance.now() - startedAt,
  }
}
