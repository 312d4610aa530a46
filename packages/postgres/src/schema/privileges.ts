import { checkGivenOptions } from '@taskhook/core'
import { OutboxError } from '@taskhook/outbox'
import { quoteSchema } from './schema-name.ts'

/** A part that a role can have in a ledger, see {@link grantStatements}. */
export type LedgerPart = 'enqueue' | 'deliver' | 'read'

/** Options of {@link grantStatements}. */
export interface GrantOptions {
  /** What the role may do. A role that does two parts is granted both. */
  to: LedgerPart
  /** The role, which is there already. */
  role: string
  /** Where the ledger is. Default `taskhook`. */
  schema?: string
}

const functions: Readonly<Record<LedgerPart, readonly string[]>> = {
  enqueue: ['time_in_ms', 'notify_dispatchers', 'enqueue', 'enqueue_within'],
  deliver: [
    'acquire',
    'bury',
    'cancel',
    'drop_day',
    'ensure_day',
    'join_dispatchers',
    'membership_lock',
    'note_starts',
    'notify',
    'notify_dispatchers',
    'pause',
    'raise_generation',
    'raise_revision',
    'read_backlog',
    'read_due',
    'read_end',
    'read_lines',
    'read_new',
    'read_pending',
    'release',
    'resend',
    'resume',
    'set_circuit',
    'settle',
    'settle_delivered',
    'shorten_waits',
    'time_in_ms',
  ],
  read: ['time_in_ms'],
}

const deliveryColumns = `id, endpoint_id, partition, ordering_key, type, payload, context, idempotency_key, accepted_at, ready_at,
  wait_in_ms`

// A role that delivers must not write to delivered_days: what it names there, drop_day drops as the owner.
const tables: Readonly<Record<LedgerPart, Readonly<Record<string, string>>>> = {
  enqueue: {
    ledger: 'SELECT',
    // The payloads of others are none of its business, nor what becomes of them.
    deliveries: `SELECT (id), INSERT (${deliveryColumns})`,
    idempotency_keys: 'SELECT, INSERT',
    dispatchers: 'SELECT (listener)',
  },
  deliver: {
    ledger: 'SELECT',
    versions: 'SELECT, UPDATE',
    deliveries: 'SELECT, INSERT, UPDATE, DELETE',
    deliveries_number_seq: 'SELECT',
    delivered: 'SELECT, INSERT, DELETE',
    delivered_days: 'SELECT',
    idempotency_keys: 'SELECT, INSERT, DELETE',
    endpoints: 'SELECT, INSERT, UPDATE',
    outcomes: 'SELECT, INSERT, UPDATE, DELETE',
    dispatchers: 'SELECT, INSERT, UPDATE, DELETE',
    beats: 'SELECT, INSERT, UPDATE, DELETE',
    partitions: 'SELECT, INSERT, UPDATE',
    starts: 'SELECT, INSERT, UPDATE, DELETE',
  },
  read: {
    ledger: 'SELECT',
    versions: 'SELECT',
    deliveries: 'SELECT',
    delivered: 'SELECT',
    endpoints: 'SELECT',
    outcomes: 'SELECT',
    partitions: 'SELECT',
  },
}

/**
 * The SQL that lets a role do its part in a ledger and nothing else. The owner of the ledger runs it.
 *
 * - `enqueue`: accept deliveries, also in the application's own transaction. It cannot see a payload.
 * - `deliver`: what a started sender does, retention included, and what operators change: resend, cancel, pause,
 * resume.
 * - `read`: look up deliveries and endpoints.
 *
 * You can run it again. Run it again after an update that brings new functions.
 *
 * @throws OptionError for an option that is not known; OutboxError `option_invalid`.
 * @example
 * await client.query(grantStatements({ to: 'enqueue', role: 'web' }))
 */
export function grantStatements(options: GrantOptions): string {
  checkGivenOptions<GrantOptions>(options, { to: true, role: true, schema: true })
  const { to, role, schema = 'taskhook' } = options
  if (!Object.hasOwn(tables, to)) {
    throw new OutboxError('option_invalid', 'to: must be enqueue, deliver or read')
  }
  const quoted = quoteSchema(schema)
  const grantee = quoteRole(role)
  const callable = functions[to].map((name) => `${quoted}.${name}`).join(', ')
  return [
    `GRANT USAGE ON SCHEMA ${quoted} TO ${grantee};`,
    ...Object.entries(tables[to]).map(
      ([table, privileges]) => `GRANT ${privileges} ON ${quoted}.${table} TO ${grantee};`,
    ),
    ...(callable === '' ? [] : [`GRANT EXECUTE ON FUNCTION ${callable} TO ${grantee};`]),
  ].join('\n')
}

/** Takes from all roles what PostgreSQL gives to all roles: to call a function that is new. */
export function revokeStatements(schema: string): string {
  const all = [...new Set(Object.values(functions).flat())].map((name) => `${schema}.${name}`)
  return `REVOKE EXECUTE ON FUNCTION ${all.join(', ')} FROM PUBLIC;`
}

function quoteRole(role: string): string {
  if (typeof role !== 'string' || role === '' || role.includes('\0')) {
    throw new OutboxError('option_invalid', 'role: must be the name of a role')
  }
  return `"${role.replaceAll('"', '""')}"`
}
