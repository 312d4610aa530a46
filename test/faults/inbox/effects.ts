import { DatabaseSync } from 'node:sqlite'
import { Client, type ClientBase } from 'pg'

/** What a handler leaves behind: a row in a table of the application, in the database of the inbox. */
export interface Effect {
  /** The `webhook-id`. */
  id: string
  /** Which receiver process wrote it. */
  receiver: string
}

/** Writes an effect through the transaction of an attempt. */
export async function writeEffect(transaction: ClientBase | DatabaseSync, effect: Effect): Promise<void> {
  const { id, receiver } = effect
  if (transaction instanceof DatabaseSync) {
    transaction.prepare('INSERT INTO effects (id, receiver) VALUES (?, ?)').run(id, receiver)
  } else {
    await transaction.query('INSERT INTO effects (id, receiver) VALUES ($1, $2)', [id, receiver])
  }
}

/** Makes the table, without any key that would hide an effect that is there twice. */
export async function createEffects(url: string): Promise<void> {
  if (isSqlite(url)) {
    using database = openFile(url)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('CREATE TABLE effects (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, receiver TEXT)')
  } else {
    await query(url, 'CREATE TABLE effects (place bigserial PRIMARY KEY, id text, receiver text)')
  }
}

/** The effects that are committed, in the order written: of one task, that is the order of their handlers. */
export async function readEffects(url: string): Promise<Effect[]> {
  const select = 'SELECT id, receiver FROM effects ORDER BY place'
  return (await readRows(url, select)).map((row) => ({
    id: String(row['id']),
    receiver: String(row['receiver']),
  }))
}

/** How many effects are committed. */
export async function countEffects(url: string): Promise<number> {
  const [row] = await readRows(url, 'SELECT count(*) AS count FROM effects')
  return Number(row?.['count'])
}

async function readRows(url: string, select: string): Promise<Record<string, unknown>[]> {
  if (!isSqlite(url)) return query(url, select)
  using database = openFile(url)
  return database.prepare(select).all()
}

function isSqlite(url: string): boolean {
  return url.startsWith('sqlite:')
}

function openFile(url: string): DatabaseSync & Disposable {
  return new DatabaseSync(url.slice('sqlite:'.length), { timeout: 10_000 })
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString })
  // A server that goes meanwhile is told by the query.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}
