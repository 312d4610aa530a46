import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startChild, type Child } from '../child.ts'
import { judge, type Verdict } from '../judge.ts'
import type { OutboxContent, OutboxStore } from '../outbox-store.ts'
import type { PostgresStore } from '../postgres-store.ts'
import type { ReceivedRequest } from '../received-request.ts'
import { seededRandom } from '../seeded-random.ts'
import { countEffects, createEffects, readEffects } from './effects.ts'
import { countEnds, noteDeath, readHandlerLog } from './handler-log.ts'
import type { InboxProcessOptions } from './inbox-process.ts'
import { postWebhooks } from './post-webhooks.ts'

/** A run of {@link runInboxKills}. */
export interface InboxKillOptions {
  /** Where the receivers keep their inbox; one with `restart` is restarted too. */
  createStore: () => Promise<OutboxStore | PostgresStore>
  /** How many receiver processes there are at once. */
  receivers: number
  /** Whether the handlers' effects and that a webhook is handled are one commit. */
  isInTransaction: boolean
  kills: number
  /** Decides whom a fault hits and when, and which handlers fail. */
  seed: number
}

/** What came of it. In transactions, `requests` are effects, and a duplicate is an effect that is there twice. */
export interface InboxKillResult extends Verdict, OutboxContent {
  kills: number
  stalls: number
  restarts: number
  /** How many requests the client made. */
  posts: number
  /** The answers that were not 202, and how many; 0 is none. */
  statuses: Readonly<Record<number, number>>
  durationInMs: number
}

/** How many handlers may run at once in a process. */
export const maxConcurrency = 10

/** A machine, which starts its receiver anew when that is killed. */
interface Node {
  index: number
  name: string
  child: Child
  port: number | undefined
  /** Fulfilled when its script runs. */
  starting: Promise<unknown>
  /** Fulfilled when it listens. */
  listening: Promise<unknown>
  /** Fulfilled when it has handled for a while, or never did. */
  steady: Promise<unknown>
  isStalled: boolean
}

const secret = 'a secret that both sides share'
const tasks = Array.from({ length: 48 }, (_, index) => `task-${index}`)
// More would be accepted than is handled; what counts is that there is always something waiting, and something accepted.
const longestBacklog = 300
const longestLifeInMs = 600
// On a busy machine few would come far otherwise.
const steadyRatio = 0.5
const listeningRatio = 0.3
// Longer than a restart of the server takes, or others would rightly take over what a living process has under way.
const leaseInMs = 4000
const stallInMs = 1.25 * leaseInMs
const killsPerStall = 10
const killsPerRestart = 6

/**
 * Receivers under load share one store: again and again one is killed (SIGKILL) and started anew, one is stopped (SIGSTOP) for longer than
 * its lease and woken, and the server of the store, if there is one, is restarted, as after a crash every other time. Then they handle the
 * rest, and it is judged.
 */
export async function runInboxKills(options: InboxKillOptions): Promise<InboxKillResult> {
  const { receivers, isInTransaction, kills, seed } = options
  const startedAt = performance.now()
  const random = seededRandom(seed)
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'taskhook-faults-'))
  await using store = await options.createStore()
  await using processes = new AsyncDisposableStack()
  const log = path.join(folder.path, 'handled.log')
  await createEffects(store.url)
  const killed = new Set<string>()
  const stalled = new Set<string>()
  let starts = 0
  let restarts = 0
  let handled = 0
  let restarting: Promise<void> = Promise.resolve()
  let stalling: Promise<void> = Promise.resolve()

  const nodes = Array.from({ length: receivers }, (_, index) => start(index))

  function start(index: number): Node {
    starts += 1
    const name = `receiver-${starts}`
    const given: InboxProcessOptions = {
      name,
      store: store.url,
      secret,
      leaseInMs,
      maxConcurrency,
      seed: seed + starts,
      ...(!isInTransaction && { log }),
    }
    const child = processes.use(startChild('inbox/inbox-process.ts', given))
    const starting = child.message('starting').catch(() => {})
    const steady = child.message('steady').catch(() => {})
    const listening = child.message<{ port: number }>('listening').then(
      ({ port }) => (node.port = port),
      () => {},
    )
    const moments = { starting, listening, steady }
    const node: Node = { index, name, child, port: undefined, ...moments, isStalled: false }
    return node
  }

  function pick(): Node {
    const awake = nodes.filter(({ isStalled }) => !isStalled)
    return awake[Math.floor(random() * awake.length)]!
  }

  function pickPort(): number | undefined {
    const listening = nodes.filter(({ port }) => port !== undefined)
    return listening[Math.floor(random() * listening.length)]?.port
  }

  async function kill({ index, name, child }: Node): Promise<void> {
    child.signal('SIGKILL')
    const end = await child.ended
    if (end !== 'SIGKILL') throw new Error(`${name} ended by itself, with ${end}`)
    if (!isInTransaction) noteDeath(log, name)
    killed.add(name)
    nodes[index] = start(index)
  }

  async function stall(node: Node): Promise<void> {
    node.isStalled = true
    stalled.add(node.name)
    node.child.signal('SIGSTOP')
    await wait(stallInMs)
    node.child.signal('SIGCONT')
    node.isStalled = false
  }

  async function restart(server: PostgresStore): Promise<void> {
    restarts += 1
    await server.restart(restarts % 2 === 1 ? 'immediate' : 'fast')
  }

  /** Looks again and again how much is handled; a server that is away is asked later. */
  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      handled = isInTransaction ? await countEffects(store.url).catch(() => handled) : countEnds(log)
      await wait(100)
    }
  }

  const watching = new AbortController()
  const watched = watch(watching.signal)
  const isFarBehind = (accepted: number): boolean => accepted - handled > longestBacklog
  const run = postWebhooks({ secret, tasks, random: seededRandom(seed + 1), pickPort, isFarBehind })
  for (let count = 1; count <= kills; count += 1) {
    // The only receiver cannot be killed meanwhile, so that a short run goes without.
    if (count % killsPerStall === (receivers === 1 ? 3 : 1)) {
      await stalling
      stalling = stall(pick())
      if (receivers === 1) await stalling
    }
    if ('restart' in store && count % killsPerRestart === 2) {
      await restarting
      restarting = restart(store)
    }
    const node = pick()
    await node[drawMoment(random())]
    await wait(random() * longestLifeInMs)
    await kill(node)
  }
  await Promise.all([stalling, restarting])
  await run.finish()
  for (const { child } of nodes) child.tell({ kind: 'finish' })
  await Promise.all(nodes.map(({ child }) => child.message('drained')))
  watching.abort()
  await watched

  const requests = isInTransaction ? toRequests(await readEffects(store.url)) : readHandlerLog(log)
  return {
    kills,
    stalls: stalled.size,
    restarts,
    posts: run.requests,
    statuses: run.statuses,
    ...judge({ accepted: run.accepted, requests, killed, stalled }),
    ...(await store.inspect()),
    durationInMs: performance.now() - startedAt,
  }
}

/** After what a random time passes until a receiver is killed; `random` from 0 to 1. */
function drawMoment(random: number): 'listening' | 'starting' | 'steady' {
  if (random < steadyRatio) return 'steady'
  return random < steadyRatio + listeningRatio ? 'listening' : 'starting'
}

/** Effects as requests that came one after the other and were answered well. */
function toRequests(effects: Awaited<ReturnType<typeof readEffects>>): ReceivedRequest[] {
  return effects.map(({ id, receiver }, place) => ({
    id,
    sender: receiver,
    isDelivered: true,
    arrivedAt: 2 * place,
    endedAt: 2 * place + 1,
  }))
}
