import { OutboxError, type OutboxErrorCode } from '@taskhook/outbox'

type Meaning = readonly [code: OutboxErrorCode, message: string]

const unreachable: Meaning = ['ledger_unavailable', 'the database cannot be reached']
const refused: Meaning = [
  'option_invalid',
  'a value breaks a rule of the ledger: an id is there twice, or a value cannot be stored',
]
const other: Meaning = ['ledger_unavailable', 'the database failed']
const missing: Meaning = ['ledger_unavailable', 'the database has no such ledger, or not all of it']

// https://www.postgresql.org/docs/current/errcodes-appendix.html: a whole code, or its class, the first two characters.
const meanings: Readonly<Record<string, Meaning>> = {
  '08': unreachable,
  '22': refused,
  '23': refused,
  '25006': ['ledger_read_only', 'the database takes no writes: it is a replica, or read-only'],
  '25P01': ['transaction_invalid', 'transaction: none is open on the connection: BEGIN one before'],
  '25P02': [
    'transaction_invalid',
    'transaction: a statement of it has failed before, so it can only be rolled back',
  ],
  '28': ['ledger_unavailable', 'the database does not let this role in'],
  '3D': ['ledger_unavailable', 'there is no such database'],
  '3F': missing,
  '40': ['ledger_busy', 'others changed the same deliveries at the same time'],
  '42501': ['ledger_unavailable', 'the role lacks a privilege on the ledger'],
  '42883': missing,
  '42P01': missing,
  '53100': ['ledger_full', 'the disk of the database is full'],
  '53200': ['ledger_busy', 'the database is out of memory'],
  '53300': ['ledger_unavailable', 'the database takes no more connections'],
  '54': ['option_invalid', 'a value is too long for the ledger'],
  '55P03': ['ledger_busy', 'others hold a lock of the ledger for too long'],
  '57014': ['ledger_busy', 'the database took too long, and gave up'],
  '57P': unreachable,
  XX001: ['ledger_corrupt', 'the database is damaged'],
  XX002: ['ledger_corrupt', 'the database is damaged'],
}

/** The coded error of whatever `pg` threw. */
export function toOutboxError(error: unknown): OutboxError {
  if (OutboxError.isInstance(error)) return error
  const state = sqlState(error)
  // Without a code of the database it is the connection that failed.
  const [code, message] =
    state === undefined
      ? unreachable
      : (meanings[state] ?? meanings[state.slice(0, 3)] ?? meanings[state.slice(0, 2)] ?? other)
  return new OutboxError(code, `${message}, see the cause`, { cause: error })
}

/** Whether a statement failed for what it was given, rather than for the state of the database. */
export function isFaultOfStatement(error: unknown): boolean {
  return toOutboxError(error).code === 'option_invalid'
}

/** Whether to try again at once: nothing was changed, and the obstacle is gone. */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '')
}

/** Whether others held a lock for longer than a statement was to wait. */
export function isLockTimeout(error: unknown): boolean {
  const cause = OutboxError.isInstance(error) ? error.cause : error
  return sqlState(cause) === '55P03'
}

/** Whether that lock was the one of a transaction that has inserted the same idempotency key. */
export function isKeyHeld(error: unknown): boolean {
  if (!isLockTimeout(error)) return false
  const { where } = { ...((OutboxError.isInstance(error) ? error.cause : error) as { where?: unknown }) }
  // The index that was being written to, as the server names it in its language. In the text of the statement it has no quotes.
  return typeof where === 'string' && /["'«»„“‘`]\s?idempotency_keys\s?["'«»“”’`]/.test(where)
}

/** Whether there is no table, function or schema of that name. */
export function isMissing(error: unknown): boolean {
  return ['42P01', '42883', '3F000'].includes(sqlState(error) ?? '')
}

function sqlState(error: unknown): string | undefined {
  const { code, constraint } = { ...(error as { code?: unknown; constraint?: unknown }) }
  // No partition of that time, although one was made: this session had not been told yet, and has by the next try.
  if (code === '23514' && constraint === undefined) return '40001'
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined
}
