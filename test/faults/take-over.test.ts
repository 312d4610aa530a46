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

/** What a process that was killed has claimed: until when it is whose, by id. */
async function leasesOf({ pid }: Child, { store }: FaultSetup<PostgresStore>): Promise<Map<string, number>> {
  const rows = await store.query(
    'SELECT id, leased_by, ready_at FROM taskhook.deliveries WHERE leased_by IS NOT NULL',
  )
  return new Map(
    rows
      .filter(({ leased_by: owner }) => String(owner).split('/')[1] === String(pid))
      .map((row) => [String(row['id']), Number(row['ready_at'])]),
  )
}

async function finish(sender: Child): Promise<void> {
  sender.tell({ kind: 'finish' })
  await sender.message('drained')
}

test('what a killed node had claimed is taken over by the others when its lease ends, by the time of the database', async () => {
  await using setup = await createSetup()
  const leaseInMs = 1500
  const [killed, other] = [start(setup, 'killed', leaseInMs), start(setup, 'other', leaseInMs)]
  await Promise.all([killed.message('steady'), other.message('steady')])
  killed.signal('SIGKILL')
  await killed.ended
  const leases = await leasesOf(killed, setup)
  expect(leases.size).toBeGreaterThan(0)
  await finish(other)

  const rows = await setup.store.query(`
    SELECT id, (attempts[array_upper(attempts, 1)] ->> 'startedAt')::bigint AS started_at FROM taskhook.delivered
  `)
  const startedAt = new Map(rows.map((row) => [String(row['id']), Number(row['started_at'])]))
  for (const [id, leaseEndsAt] of leases) {
    const takenOverAfterInMs = startedAt.get(id)! - leaseEndsAt
    // The two clocks count milliseconds for themselves.
    expect(takenOverAfterInMs).toBeGreaterThanOrEqual(-2)
    expect(takenOverAfterInMs).toBeLessThan(5000)
  }
  const verdict = judge({
    accepted: setup.accepted(),
    requests: await setup.requests(),
    killed: new Set(['killed']),
  })
  // What it had stored and not noted is delivered too.
  expect({ ...verdict, unknown: [] }).toMatchObject(sound)
  expect(verdict.mostLeftBehind).toBeLessThanOrEqual(maxConcurrency)
})

test('what a killed node had claimed is taken over at once by the next one that starts on its machine', async () => {
  await using setup = await createSetup()
  const killed = start(setup, 'killed', hourInMs)
  await killed.message('steady')
  killed.signal('SIGKILL')
  await killed.ended
  expect((await leasesOf(killed, setup)).size).toBeGreaterThan(0)

  const next = start(setup, 'next', hourInMs)
  await next.message('starting')
  await finish(next)
  const verdict = judge({
    accepted: setup.accepted(),
    requests: await setup.requests(),
    killed: new Set(['killed']),
  })
  expect({ ...verdict, unknown: [] }).toMatchObject(sound)
  expect(await setup.store.inspect()).toMatchObject({ integrity: 'ok' })
})
