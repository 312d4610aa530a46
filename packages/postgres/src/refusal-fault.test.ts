import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { OutboxError, type OutboxErrorCode } from '@taskhook/outbox'
import { Client } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { newDelivery } from '@taskhook/outbox/testing'
import { until } from './testing/until.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()
const password = 'never-to-be-seen'

beforeAll(async () => {
  const { data, url } = database.server
  const rules = join(data, 'pg_hba.conf')
  writeFileSync(rules, `host all guest 127.0.0.1/32 scram-sha-256\n${readFileSync(rules, 'utf8')}`)
  const client = new Client(url)
  await client.connect()
  await client.query(`
    SELECT pg_reload_conf();
    CREATE ROLE guest LOGIN PASSWORD 'another one';
    CREATE ROLE stranger LOGIN;
    CREATE ROLE crowd LOGIN CONNECTION LIMIT 0`)
  await client.end()
})

/** The server's URL, with a password as those have that are in use. */
function urlOf({ role = 'postgres', name = 'postgres', port = '', settings: options = '' } = {}): string {
  const url = new URL(database.server.url)
  Object.assign(url, { username: role, password, pathname: name, port: port || url.port })
  if (options !== '') url.search = `options=${encodeURIComponent(options)}`
  return url.href
}

async function openAt(connectionString: string): Promise<void> {
  await database.open({ connectionString })
}

/** Opens a ledger, and the same one once more. */
async function open(given = '') {
  const schema = database.createSchema()
  const other = await database.open({ schema })
  const connectionString = urlOf({ settings: given })
  return { schema, other, ledger: await database.open({ schema, connectionString }) }
}

/** Enqueues while another connection holds the table. */
async function enqueueWhileLocked(given: string, meanwhile?: string): Promise<void> {
  const { schema, ledger } = await open(given)
  const other = await database.connect()
  await other.query(`BEGIN; LOCK TABLE ${schema}.deliveries`)
  await Promise.all([
    ledger.enqueue([newDelivery('1')]),
    meanwhile !== undefined && until(async () => (await other.query(meanwhile)).rows.length > 0),
  ])
}

async function enqueueWith(given: string): Promise<void> {
  const { ledger } = await open(given)
  await ledger.enqueue([newDelivery('1')])
}

function toWaiting(signal: 'pg_cancel_backend' | 'pg_terminate_backend'): string {
  return `SELECT ${signal}(pid) FROM pg_locks WHERE NOT granted`
}

async function enqueueInStaleTransaction(level: string): Promise<void> {
  const { ledger, other } = await open()
  const application = await database.connect()
  await application.query(`BEGIN ISOLATION LEVEL ${level}; SELECT FROM pg_class LIMIT 1`)
  await other.enqueue([newDelivery('1', { idempotencyKey: 'key' })])
  await ledger.enqueue([newDelivery('2', { idempotencyKey: 'key' })], { transaction: application })
}

async function enqueueAfterDropping(what: string): Promise<void> {
  const { schema, ledger } = await open()
  await (await database.connect()).query(`DROP ${what.replace('ours', schema)} CASCADE`)
  await ledger.enqueue([newDelivery('1')])
}

const settings = {
  statementTimeout: '-c statement_timeout=100ms',
  lockTimeout: '-c lock_timeout=50ms',
  readOnly: '-c default_transaction_read_only=on',
}

test.each<[what: string, code: OutboxErrorCode, fail: () => Promise<unknown>]>([
  ['a URL that is none', 'option_invalid', () => openAt(`postgres://me:${password}@127.0.0.1:port/`)],
  ['a key file that is not there', 'ledger_unavailable', () => openAt(`${urlOf()}?sslkey=/nowhere`)],
  ['a server that is not there', 'ledger_unavailable', () => openAt(urlOf({ port: '1' }))],
  ['a wrong password', 'ledger_unavailable', () => openAt(urlOf({ role: 'guest' }))],
  ['an unknown role', 'ledger_unavailable', () => openAt(urlOf({ role: 'nobody' }))],
  ['an unknown database', 'ledger_unavailable', () => openAt(urlOf({ name: 'nowhere' }))],
  ['too many connections', 'ledger_unavailable', () => openAt(urlOf({ role: 'crowd' }))],
  ['a role without a privilege', 'ledger_unavailable', () => openAt(urlOf({ role: 'stranger' }))],
  [
    'opening in a read-only transaction',
    'ledger_read_only',
    () => openAt(urlOf({ settings: settings.readOnly })),
  ],
  ['a read-only transaction', 'ledger_read_only', () => enqueueWith(settings.readOnly)],
  ['a statement timeout', 'ledger_busy', () => enqueueWhileLocked(settings.statementTimeout)],
  ['a lock timeout', 'ledger_busy', () => enqueueWhileLocked(settings.lockTimeout)],
  [
    'a statement canceled by an operator',
    'ledger_busy',
    () => enqueueWhileLocked('', toWaiting('pg_cancel_backend')),
  ],
  [
    'a connection ended by an operator',
    'ledger_unavailable',
    () => enqueueWhileLocked('', toWaiting('pg_terminate_backend')),
  ],
  ['a serialization failure of SERIALIZABLE', 'ledger_busy', () => enqueueInStaleTransaction('SERIALIZABLE')],
  [
    'a serialization failure of REPEATABLE READ',
    'ledger_busy',
    () => enqueueInStaleTransaction('REPEATABLE READ'),
  ],
  ['a schema that was dropped', 'ledger_unavailable', () => enqueueAfterDropping('SCHEMA ours')],
  ['a table that was dropped', 'ledger_unavailable', () => enqueueAfterDropping('TABLE ours.deliveries')],
])('%s ends in %s, and the password of the URL is nowhere in it', async (_what, code, fail) => {
  const error = await fail().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(OutboxError.isInstance(error)).toBe(true)
  expect(error).toMatchObject({ code })
  // With all that it has been caused by.
  const text = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error)
  expect(text).not.toContain(password)
})
