import { DatabaseSync } from 'node:sqlite'
import type { DedupeStore, ReceivedWebhook, TaskEvent } from '@taskhook/core'
import { sqliteDedupe } from '@taskhook/outbox/dedupe'
import { postgresDedupe } from '@taskhook/postgres/dedupe'
import { Pool } from 'pg'

/** Where handlers write, and what they write there. */
export interface Effects {
  dedupe: DedupeStore
  /** Writes down that a delivery was handled, and settles it, in one transaction; `fails` just before it is committed. */
  write: (webhook: ReceivedWebhook<TaskEvent>, fails: boolean) => Promise<void>
  /** How often each delivery was written down. */
  count: () => Promise<Map<string, number>>
  close: () => Promise<void>
}

const disk = new Error('the disk is full')

/** Opens a database by its URL, `postgres://…` or the path of a file, with the store of the receiver in it. */
export function openEffects(database: string, claimInMs: number): Effects {
  return database.startsWith('postgres') ? openPostgres(database, claimInMs) : openSqlite(database, claimInMs)
}

function openSqlite(file: string, claimInMs: number): Effects {
  const dedupe = sqliteDedupe({ file, claimInMs })
  const database = new DatabaseSync(file)
  database.exec('PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000')
  database.exec('CREATE TABLE IF NOT EXISTS effects (id TEXT)')
  let last: Promise<void> = Promise.resolve()

  async function writeNow({ delivery, settle }: ReceivedWebhook<TaskEvent>, fails: boolean): Promise<void> {
    database.exec('BEGIN IMMEDIATE')
    try {
      database.prepare('INSERT INTO effects VALUES (?)').run(delivery!.id)
      await settle(true, { transaction: database })
      if (fails) throw disk
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }

  return {
    dedupe,
    write(webhook, fails) {
      const written = last.then(() => writeNow(webhook, fails))
      last = written.catch(() => {})
      return written
    },
    async count() {
      const rows = database.prepare('SELECT id, count(*) AS count FROM effects GROUP BY id').all()
      return new Map(rows.map((row) => [String(row['id']), Number(row['count'])]))
    },
    async close() {
      await dedupe.close()
      database.close()
    },
  }
}

function openPostgres(connectionString: string, claimInMs: number): Effects {
  const pool = new Pool({ connectionString, max: 10 })
  pool.on('error', () => {})
  const dedupe = postgresDedupe({ pool, claimInMs })

  return {
    dedupe,
    async write({ delivery, settle }, fails) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query('INSERT INTO effects VALUES ($1)', [delivery!.id])
        await settle(true, { transaction: client })
        if (fails) throw disk
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
    async count() {
      const { rows } = await pool.query<{ id: string; count: string }>(
        'SELECT id, count(*) AS count FROM effects GROUP BY id',
      )
      return new Map(rows.map(({ id, count }) => [id, Number(count)]))
    },
    async close() {
      await dedupe.close()
      await pool.end()
    },
  }
}
