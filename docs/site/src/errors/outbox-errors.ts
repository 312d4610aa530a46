import type { OutboxErrorCode } from '@taskhook/outbox'
import { type ErrorPage, withCommon } from './error-page.ts'

/** What an outbox or inbox could not do, on SQLite or PostgreSQL. */
export const outboxErrors: Record<OutboxErrorCode, ErrorPage> = withCommon<OutboxErrorCode>(
  {
    source:
      '`OutboxError` of `@taskhook/outbox`, `@taskhook/postgres`, `@taskhook/sender` and `@taskhook/inbox`',
    who: 'the operator of the database',
  },
  {
    option_invalid: {
      source: '`OptionError` of every package, and `OutboxError`',
      who: 'the developer of the application',
      means:
        'An option or an argument cannot work, or it is not known. It is refused when it is given. The message names the option and what is allowed; it never has the value.',
      remedies: [
        'Change the option as the message says.',
        'For an unknown option, the message names the nearest known one. Check upper and lower case.',
      ],
    },
    ledger_busy: {
      means:
        'Another process or connection held a lock for too long. On PostgreSQL it may also be a deadlock or a timeout of a statement. Nothing was changed, and a started process tries again by itself.',
      remedies: [
        'Call it again.',
        'On SQLite, look for a transaction of the application that stays open, or a process that is stopped inside one.',
        'On PostgreSQL: `SELECT pid, state, xact_start, query FROM pg_stat_activity ORDER BY xact_start`.',
      ],
    },
    ledger_full: {
      means: 'The disk is full. Nothing was changed. What is accepted already is safe.',
      remedies: [
        'Make room: `df -h`. A started process goes on by itself.',
        'Do not delete the `-wal` or `-shm` file of SQLite. They are part of the database.',
        'A shorter `retentionInMs` keeps fewer delivered deliveries.',
      ],
    },
    ledger_read_only: {
      means: 'The file or its folder cannot be written, or the database is a standby.',
      remedies: [
        'SQLite writes beside the file, so the process needs to write to the folder too: `ls -ld <folder>`.',
        'On PostgreSQL, connect to the primary: `SELECT pg_is_in_recovery()` must be `f`.',
      ],
    },
    ledger_corrupt: {
      means: 'The file is damaged, or it is no database. On PostgreSQL, the server reports damage.',
      remedies: [
        'Stop all processes that use it, and copy the file with its `-wal` and `-shm` before anything else.',
        'Check it: `sqlite3 <file> "PRAGMA integrity_check"`.',
        'Restore the last backup. Events that were sent after it are not in it: send them again from the tables of the application.',
        'Never put the file on NFS or another network file system.',
      ],
    },
    ledger_unavailable: {
      means:
        'The ledger cannot be opened or read for another reason: the database does not answer, refuses the role, or has no connections left; the file was deleted or replaced. `cause` has the reason.',
      remedies: [
        'Read `cause`.',
        'Run `taskhook doctor --outbox <url>`.',
        'If a role lacks a privilege, print what it needs: `taskhook grants <part> <role>`.',
        'If the SQLite file was replaced while a process used it, restart the process.',
      ],
    },
    ledger_missing: {
      means: 'There is no ledger at this place, and none was to be made.',
      remedies: [
        'Check the file name, or the database and `--schema`.',
        'To make the tables, run `taskhook migrate <url>`.',
      ],
    },
    ledger_newer: {
      means: 'A newer version of this package wrote the ledger. This version does not know its tables.',
      remedies: [
        'Update the package in every process that uses the ledger.',
        'Do not change the tables by hand.',
      ],
    },
    ledger_closed: {
      who: 'the developer of the application',
      means: 'The ledger was closed before this call.',
      remedies: [
        'Call `stop()` last, after the server takes no more requests.',
        'Make a new sender, inbox or outbox to go on.',
      ],
    },
    transaction_invalid: {
      who: 'the developer of the application',
      means:
        'The transaction that was given is not open, failed before, is not durable, or is on another database. Nothing was accepted.',
      remedies: [
        'Begin the transaction before the call, and give the client that began it, not the pool.',
        'Use the database that the outbox is in.',
        'Do not set `synchronous_commit` to `off` in this transaction.',
      ],
    },
    claim_lost: {
      who: 'the developer of the receiver',
      means:
        'Another receiver has taken over the delivery, because the claim of this one ended. What this one wrote must not be committed.',
      remedies: [
        'Roll the transaction back. The other receiver handles the delivery.',
        'If it occurs often, the handler is slower than its claim: set a longer `claimInMs`.',
      ],
    },
    transaction_open: {
      who: 'the developer of the handler',
      means:
        'The attempt has a transaction open and calls the same ledger without it. It would wait for itself, so it is refused.',
      remedies: [
        'Give the transaction: `{ transaction: context.transaction }`.',
        'Or call it after the handler has ended.',
      ],
    },
    already_started: {
      who: 'the developer of the application',
      means: '`start()` or `stop()` was called before. An outbox starts once.',
      remedies: [
        'Call `start()` once.',
        'To start again after `stop()`, make another outbox, sender or inbox.',
      ],
    },
    idle_timeout: {
      who: 'the developer of the application',
      means:
        '`idle({ timeoutInMs })` waited for as long as it may, and deliveries are still due or in flight.',
      remedies: [
        'Look at what is pending: `taskhook deliveries list --state pending`.',
        'Wait longer, or stop without waiting.',
      ],
    },
  },
)

type EndpointCode = 'endpoint_closed'

/** What is thrown to callers who are too late. */
export const closedErrors: Record<EndpointCode, ErrorPage> = withCommon<EndpointCode>(
  { source: '`TaskhookError` of `@taskhook/sender`', who: 'the developer of the application' },
  {
    endpoint_closed: {
      means: '`deliver` was called after `close`, or `reload` after `stop`.',
      remedies: ['Call `close()` or `stop()` last.', 'Make another endpoint or sender to go on.'],
    },
  },
)
