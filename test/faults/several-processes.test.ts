import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFaultSetup, maxConcurrency } from './fault-setup.ts'
import { judge } from './judge.ts'
import type { OutboxStore } from './outbox-store.ts'
import { createPostgresStore } from './postgres-store.ts'
import { sound } from './sound-run.ts'
import { createSqliteStore } from './sqlite-store.ts'

test.each<[what: string, createStore: () => Promise<OutboxStore>]>([
  ['file', createSqliteStore],
  ['PostgreSQL', createPostgresStore],
])(
  'three processes on one %s keep the order, one of them killed and one stalled for longer than its lease',
  async (_what, createStore) => {
    const leaseInMs = 1000
    await using setup = await createFaultSetup(createStore, {
      seed: 7,
      longestDelayInMs: 6,
      faultRatio: 0.05,
      // No resets: an attempt that waits for a connection when the process stalls is sent when it wakes, also if another process has it then.
      faults: ['500'],
    })
    const names = ['killed', 'stalled', 'well'] as const
    const [killed, stalled, well] = names.map((name) =>
      setup.startSender({
        name,
        leaseInMs,
        tasks: Array.from({ length: 20 }, (_, index) => `${name}-${index}`),
      }),
    ) as [Sender, Sender, Sender]
    await Promise.all([killed, stalled, well].map((sender) => sender.message('steady')))

    killed.signal('SIGKILL')
    await killed.ended
    stalled.tell({ kind: 'stall' })
    // Real time, since the leases are.
    await wait(2 * leaseInMs)
    stalled.signal('SIGCONT')

    for (const sender of [stalled, well]) sender.tell({ kind: 'finish' })
    await Promise.all([stalled, well].map((sender) => sender.message('drained')))

    // What the killed one had stored and not noted is delivered too.
    const verdict = judge({
      accepted: setup.accepted(),
      requests: await setup.requests(),
      killed: new Set(['killed']),
      stalled: new Set(['stalled']),
    })
    expect({ ...verdict, unknown: [] }).toMatchObject(sound)
    // At each of two endpoints. What it had claimed and not begun is not attempted when it wakes: another process has it.
    expect(verdict.late.length).toBeLessThanOrEqual(2 * maxConcurrency)
    const { states, integrity } = await setup.store.inspect()
    expect(integrity).toBe('ok')
    // Some of these were attempted more than once.
    const unknown = new Set(verdict.unknown)
    expect(states).toEqual({ delivered: verdict.deliveries + unknown.size })
  },
)

type Sender = ReturnType<Awaited<ReturnType<typeof createFaultSetup>>['startSender']>
