import { setTimeout as wait } from 'node:timers/promises'
import { createFaultSetup } from './fault-setup.ts'
import { judge, type Verdict } from './judge.ts'
import type { OutboxContent } from './outbox-store.ts'
import { seededRandom } from './seeded-random.ts'
import { createSqliteStore } from './sqlite-store.ts'

/** A run of {@link runKills}. */
export interface KillRunOptions {
  kills: number
  /** Decides when the kills come and how the receiver answers. */
  seed: number
}

/** What came of it. */
export interface KillRunResult extends Verdict, OutboxContent {
  kills: number
  durationInMs: number
}

const longestLifeInMs = 500
const tasks = Array.from({ length: 64 }, (_, index) => `task-${index}`)
// Longer than the run: what a killed process held is not waited for, but taken back.
const leaseInMs = 3_600_000

/**
 * Starts a sender process under load and kills it at a random moment (SIGKILL), again and again, on one SQLite file; then lets
 * one take care of the rest, and judges.
 */
export async function runKills({ kills, seed }: KillRunOptions): Promise<KillRunResult> {
  const startedAt = performance.now()
  const random = seededRandom(seed)
  await using setup = await createFaultSetup(createSqliteStore, {
    seed,
    longestDelayInMs: 6,
    faultRatio: 0.05,
    faults: ['500', 'reset', 'half'],
  })

  const killed = new Set<string>()
  for (let kill = 1; kill <= kills; kill += 1) {
    const name = `sender-${kill}`
    const sender = setup.startSender({ name, leaseInMs, tasks })
    await sender.message('starting')
    await wait(random() * longestLifeInMs)
    sender.signal('SIGKILL')
    await sender.ended
    killed.add(name)
  }

  const last = setup.startSender({ name: 'the last sender', leaseInMs, tasks })
  await last.message('starting')
  last.tell({ kind: 'finish' })
  await last.message('drained')
  await last.ended

  return {
    kills,
    ...judge({ accepted: setup.accepted(), requests: await setup.requests(), killed }),
    ...(await setup.store.inspect()),
    durationInMs: performance.now() - startedAt,
  }
}
