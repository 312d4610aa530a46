import { setTimeout as wait } from 'node:timers/promises'
import type { Child } from './child.ts'
import { createFaultSetup } from './fault-setup.ts'
import { judge, type Verdict } from './judge.ts'
import type { OutboxContent } from './outbox-store.ts'
import { createPostgresStore } from './postgres-store.ts'
import { seededRandom } from './seeded-random.ts'

/** A run of {@link runNodeFaults}. */
export interface NodeFaultRunOptions {
  kills: number
  /** Decides whom a fault hits and when, and how the receiver answers. */
  seed: number
}

/** What came of it. */
export interface NodeFaultRunResult extends Verdict, OutboxContent {
  kills: number
  stalls: number
  /** How often the server was restarted, half of it as after a crash. */
  restarts: number
  longestRestartInMs: number
  /** How often a sender was told that the outbox could not be had, by the code of the error. */
  refusals: Record<string, number>
  durationInMs: number
}

/** A machine, which starts its sender anew when that is killed. */
interface Node {
  name: string
  tasks: readonly string[]
  starts: number
  sender: Child
  senderName: string
  /** Fulfilled when it has delivered for a while, or never did. */
  steady: Promise<unknown>
  isStalled: boolean
}

const longestWaitInMs = 800
/** How many of those that are killed have delivered for a while before. */
const steadyRatio = 0.4
// Longer than a restart of the server takes, or others would rightly take over what a living process has under way.
const leaseInMs = 4000
const stallInMs = 1.25 * leaseInMs
const killsPerStall = 6
const killsPerRestart = 4

/**
 * Three sender processes under load share one PostgreSQL: again and again one is killed (SIGKILL) and started anew, one is
 * stopped (SIGSTOP) for longer than its lease and woken, and the server is restarted, as after a crash every other time; then
 * they take care of the rest, and it is judged.
 */
export async function runNodeFaults({ kills, seed }: NodeFaultRunOptions): Promise<NodeFaultRunResult> {
  const startedAt = performance.now()
  const random = seededRandom(seed)
  await using setup = await createFaultSetup(createPostgresStore, {
    seed,
    longestDelayInMs: 6,
    faultRatio: 0.05,
    faults: ['500', 'reset', 'half'],
  })
  const killed = new Set<string>()
  const stalled = new Set<string>()
  let restarts = 0
  let longestRestartInMs = 0
  let restarting: Promise<void> = Promise.resolve()
  let stalling: Promise<void> = Promise.resolve()

  const nodes = ['first', 'second', 'third'].map((name): Node => {
    const tasks = Array.from({ length: 24 }, (_, index) => `${name}-${index}`)
    return start({ name, tasks, starts: 1 })
  })

  function start({ name, tasks, starts }: Pick<Node, 'name' | 'starts' | 'tasks'>): Node {
    const senderName = `${name}/${starts}`
    const sender = setup.startSender({ name: senderName, leaseInMs, tasks })
    const steady = sender.message('steady').catch(() => {})
    return { name, tasks, starts, senderName, sender, steady, isStalled: false }
  }

  function pick(): Node {
    const awake = nodes.filter(({ isStalled }) => !isStalled)
    return awake[Math.floor(random() * awake.length)]!
  }

  async function kill(node: Node): Promise<void> {
    node.sender.signal('SIGKILL')
    const end = await node.sender.ended
    if (end !== 'SIGKILL') throw new Error(`${node.senderName} ended by itself, with ${end}`)
    killed.add(node.senderName)
    Object.assign(node, start({ ...node, starts: node.starts + 1 }))
  }

  async function stall(node: Node): Promise<void> {
    node.isStalled = true
    stalled.add(node.senderName)
    node.sender.signal('SIGSTOP')
    await wait(stallInMs)
    node.sender.signal('SIGCONT')
    node.isStalled = false
  }

  async function restart(): Promise<void> {
    const before = performance.now()
    restarts += 1
    await setup.store.restart(restarts % 2 === 1 ? 'immediate' : 'fast')
    longestRestartInMs = Math.max(longestRestartInMs, performance.now() - before)
  }

  await Promise.all(nodes.map(({ steady }) => steady))
  for (let count = 1; count <= kills; count += 1) {
    if (count % killsPerStall === 1) {
      await stalling
      stalling = stall(pick())
    }
    if (count % killsPerRestart === 2) {
      await restarting
      restarting = restart()
    }
    const node = pick()
    // On a busy machine few would come far otherwise.
    if (random() < steadyRatio) await node.steady
    await wait(random() * longestWaitInMs)
    await kill(node)
  }
  await Promise.all([stalling, restarting])

  const last = nodes.map(({ sender }) => sender)
  await Promise.all(last.map((sender) => sender.message('starting')))
  for (const sender of last) sender.tell({ kind: 'finish' })
  await Promise.all(last.map((sender) => sender.message('drained')))
  await Promise.all(last.map((sender) => sender.ended))

  return {
    kills,
    stalls: stalled.size,
    restarts,
    longestRestartInMs,
    refusals: countEach(setup.refusals()),
    ...judge({ accepted: setup.accepted(), requests: await setup.requests(), killed, stalled }),
    ...(await setup.store.inspect()),
    durationInMs: performance.now() - startedAt,
  }
}

function countEach(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
