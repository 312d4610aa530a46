import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDedupe } from '@taskhook/core'
import { sqliteDedupe } from '@taskhook/outbox/dedupe'
import { receivers } from '../../conformance/receivers.ts'
import { startHono } from '../../conformance/web-receiver.ts'
import { startTestServer } from '@taskhook/postgres/testing'
import { Client } from 'pg'
import { measureHeap, type HeapGrowth } from './measure-heap.ts'
import { runDedupeKills, type DedupeKillOptions, type DedupeKillResult } from './run-dedupe-kills.ts'
import { runResets, type ResetRunOptions, type ResetRunResult } from './run-resets.ts'

/** A run of {@link runReceivers}. */
export interface ReceiverRunOptions {
  /** To each adapter; a tenth of them over HTTP/2. */
  deliveries: number
  /** Of receivers on each database. */
  kills: number
  seed: number
}

/** What came of it. */
export interface ReceiverRunResult {
  /** By adapter and framework. */
  heaps: Record<string, HeapGrowth>
  /** By dedupe store. */
  resets: Record<string, ResetRunResult>
  resetDeliveries: number
  /** By dedupe store. */
  killed: Record<string, DedupeKillResult>
  isSound: boolean
  durationInMs: number
}

/** Above this a receiver keeps something of each delivery: a leak was 9000. */
const mostBytesADelivery = 64
// What the heap of a process at rest differs by.
const noiseInBytes = 1_000_000

/** What receivers keep in memory, one adapter after the other, and what becomes of resets over HTTP/2. */
export async function runReceivers({
  deliveries,
  kills,
  seed,
}: ReceiverRunOptions): Promise<ReceiverRunResult> {
  const startedAt = performance.now()
  const heaps: Record<string, HeapGrowth> = {}
  // The last one takes the place of the global Request.
  const starts = { ...receivers, 'Hono, with its own Request': startHono({ overrideGlobalObjects: true }) }
  for (const [name, start] of Object.entries(starts)) {
    heaps[name] = await measureHeap(start, { warmUps: Math.ceil(deliveries / 10), deliveries })
  }
  const resetDeliveries = Math.ceil(deliveries / 10)
  const options = { deliveries: resetDeliveries, seed }
  const resets = {
    memoryDedupe: await runResets({ ...options, dedupe: memoryDedupe() }),
    sqliteDedupe: await runResetsOnSqlite(options),
  }
  const killed = {
    sqliteDedupe: await inDirectory((directory) =>
      runDedupeKills({ database: join(directory, 'application.db'), kills, seed }),
    ),
    postgresDedupe: await runKillsOnPostgres({ kills, seed }),
  }
  const grown = Object.values(heaps).filter(
    ({ before, after }) => after - before > Math.max(mostBytesADelivery * deliveries, noiseInBytes),
  )
  return {
    heaps,
    resets,
    resetDeliveries,
    killed,
    isSound: grown.length === 0 && [...Object.values(resets), ...Object.values(killed)].every(isSound),
    durationInMs: performance.now() - startedAt,
  }
}

function isSound({
  lost,
  twice,
  stuck = [],
}: Pick<ResetRunResult, 'lost' | 'twice'> & Partial<ResetRunResult>): boolean {
  return lost.length === 0 && twice.length === 0 && stuck.length === 0
}

function runResetsOnSqlite(options: Omit<ResetRunOptions, 'dedupe'>): Promise<ResetRunResult> {
  return inDirectory(async (directory) => {
    await using dedupe = sqliteDedupe({ file: join(directory, 'dedupe.db') })
    return await runResets({ ...options, dedupe })
  })
}

async function runKillsOnPostgres(options: Omit<DedupeKillOptions, 'database'>): Promise<DedupeKillResult> {
  const server = await startTestServer({ isDurable: true })
  try {
    const client = new Client(server.url)
    await client.connect()
    await client.query('CREATE TABLE effects (id text)')
    await client.end()
    return await runDedupeKills({ ...options, database: server.url })
  } finally {
    await server.remove()
  }
}

async function inDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'taskhook-receivers-'))
  try {
    return await run(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
