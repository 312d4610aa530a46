import { expect, test } from 'vitest'
import type { Child } from './child.ts'
import { createFaultSetup, maxConcurrency, type FaultSetup } from './fault-setup.ts'
import { judge } from './judge.ts'
import { createPostgresStore, type PostgresStore } from './postgres-store.ts'
import { sound } from './sound-run.ts'

const hourInMs = 3_600_000

function createSetup(): Promise<FaultSetup<PostgresStore>> {
  return createFaultSetup(createPostgresStore, { seed: 3, longestDelayInMs: 6, faultRatio: 0, faults: [] })
}

function start(setup: FaultSetup, name: string, leaseInMs: number): Child {
  const tasks = Array.from({ length: 20 }, (_, index) => `${name}-${index}`)
  return setup.startSender({ name, leaseInMs, tasks })
}

async function finish(sender: Child): Promise<void> {
  sender.tell({ kind: 'finish' })
  await sender.message('drained')
}

test.each([
  ['by another one of its machine, at its next beat', 1500],
  ['at once by the next one that starts on its machine', hourInMs],
])('what a killed node owned is taken over %s', async (_how, leaseInMs) => {
  await using setup = await createSetup()
  const killed = start(setup, 'killed', leaseInMs)
  const others = leaseInMs === hourInMs ? [] : [start(setup, 'other', leaseInMs)]
  await Promise.all([killed, ...others].map((sender) => sender.message('steady')))
  killed.signal('SIGKILL')
  await killed.ended
  expect(await countOwned(setup)).toBeGreaterThan(0)

  const [next = start(setup, 'next', leaseInMs)] = others
  if (others.length === 0) await next.message('starting')
  await finish(next)
  const verdict = judge({
    accepted: setup.accepted(),
    requests: await setup.requests(),
    killed: new Set(['killed']),
  })
  // What it had stored and not noted is delivered too.
  expect({ ...verdict, unknown: [] }).toMatchObject(sound)
  expect(verdict.mostLeftBehind).toBeLessThanOrEqual(maxConcurrency)
  expect(await setup.store.inspect()).toMatchObject({ integrity: 'ok' })
  // It has handed over what it took.
  expect(await countOwned(setup)).toBe(0)
})

async function countOwned({ store }: FaultSetup<PostgresStore>): Promise<number> {
  const [row] = await store.query('SELECT count(*) FROM taskhook.partitions WHERE owner IS NOT NULL')
  return Number(row?.['count'])
}
