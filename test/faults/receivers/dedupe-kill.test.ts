import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer } from '@taskhook/postgres/testing'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { runDedupeKills } from './run-dedupe-kills.ts'

async function createFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-dedupe-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'application.db')
}

async function createServer(): Promise<string> {
  const server = await startTestServer()
  onTestFinished(() => server.remove())
  const client = new Client(server.url)
  await client.connect()
  await client.query('CREATE TABLE effects (id text)')
  await client.end()
  return server.url
}

test.each([
  ['SQLite', createFile],
  ['PostgreSQL', createServer],
])('receivers on %s that are killed have the effect of each delivery once', async (_name, create) => {
  const { deliveries, lost, twice } = await runDedupeKills({ database: await create(), kills: 2, seed: 1 })
  expect(deliveries).toBeGreaterThan(5)
  expect({ lost, twice }).toEqual({ lost: [], twice: [] })
})
