import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { toDedupeKey, type DedupeClaim, type DedupeStore } from '@taskhook/core'
import { OutboxError } from '../outbox-error.ts'
import { checkTransaction } from '../sqlite/check-transaction.ts'
import { createFileGuard } from '../sqlite/file-guard.ts'
import { createLedgerHealth } from '../sqlite/ledger-health.ts'
import { createLogKeeper, emitProcessWarning } from '../sqlite/log-keeper.ts'
import { inMemory, openDatabase } from '../sqlite/open-database.ts'
import { createWriteQueue } from '../sqlite/write-queue.ts'
import { prepareClaims, type Claims, type ClaimState } from './claims.ts'
import { createDedupeTable } from './dedupe-table.ts'
import { createPurge } from './purge.ts'
import { resolveOptions, type SqliteDedupeOptions } from './sqlite-dedupe-options.ts'

/** A dedupe store in a database, which is closed when the receiver has ended. */
export interface SqliteDedupeStore extends DedupeStore, AsyncDisposable {
  /** Closes the connection, once what was begun is written. A claim that is held is free again when its time is over. */
  close(): Promise<void>
}

/**
 * A {@link DedupeStore} in a SQLite file, for any number of processes of one machine, and for their restarts. Makes its table,
 * `taskhook_dedupe`, when it is not there. Commits wait for the disk, and those that come together share one.
 *
 * `settle(true, { transaction })` takes a `DatabaseSync` on the same file with a transaction open: begin it with
 * `BEGIN IMMEDIATE`. It rejects with `claim_lost` when another receiver has the delivery.
 *
 * What fails in the database makes the request fail with `dedupe_unavailable` (503), with the {@link OutboxError} as the cause.
 *
 * @throws OptionError; OutboxError `ledger_unavailable`, `ledger_read_only`, `ledger_corrupt`, `ledger_busy`, `ledger_full`.
 * @example
 * app.post('/automation', verifyWebhook({ secret, dedupe: sqliteDedupe({ file: 'application.db' }) }), handler)
 */
export function sqliteDedupe(options: SqliteDedupeOptions): SqliteDedupeStore {
  const { path, busyTimeoutInMs, ...times } = resolveOptions(options)
  const { claimInMs, keepInMs } = times
  const database = openDatabase(path, busyTimeoutInMs, { createTables: createDedupeTable })
  const claims = prepareClaims(database, times)
  const guard = path === inMemory ? undefined : createFileGuard(path)
  const health = createLedgerHealth()
  const log = createLogKeeper(database, path, emitProcessWarning)
  const queue = createWriteQueue(database, {
    busyTimeoutInMs,
    beforeWrite: check,
    afterBegin() {},
    beforeCommit() {},
    afterCommit() {
      guard?.check()
      log.afterCommit()
    },
    afterRollBack() {},
    toError: (error) => health.note(error),
  })
  const purge = createPurge((limit) => queue.write(() => claims.purge(limit)), times)
  // The application's connections.
  const prepared = new WeakMap<DatabaseSync, Claims>()
  let closing: Promise<void> | undefined

  function check(): void {
    if (closing !== undefined) throw new OutboxError('ledger_closed', 'the dedupe store is closed')
    health.check()
  }

  function commitWithin(transaction: DatabaseSync, id: string, owner: string): void {
    check()
    guard?.check()
    checkTransaction(transaction, path)
    const within = prepared.get(transaction) ?? prepareClaims(transaction, times)
    prepared.set(transaction, within)
    if (within.commit(id, owner)) return
    throw new OutboxError(
      'claim_lost',
      'transaction: another receiver has claimed this delivery meanwhile: roll back, because that receiver handles it',
    )
  }

  function find(id: string): ClaimState {
    check()
    try {
      return claims.find(id)
    } catch (error) {
      throw health.note(error)
    }
  }

  async function close(): Promise<void> {
    purge.stop()
    await queue.idle()
    log.close()
    database.close()
  }

  return {
    claimInMs,
    keepInMs,

    async begin(given) {
      const id = toDedupeKey(given)
      // A repeat costs a look, and no commit.
      const known = find(id)
      if (known !== 'free') return known
      const owner = randomUUID()
      const state = await queue.write(() => {
        const current = claims.find(id)
        if (current === 'free') claims.take(id, owner)
        return current
      })
      purge.afterBegin()
      return state === 'free' ? createClaim(id, owner) : state
    },

    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }

  function createClaim(id: string, owner: string): DedupeClaim {
    return {
      async commit({ transaction } = {}) {
        if (transaction !== undefined) commitWithin(transaction as DatabaseSync, id, owner)
        else await queue.write(() => claims.commit(id, owner))
      },
      async abort() {
        await queue.write(() => claims.abort(id, owner))
      },
      renew: () => queue.write(() => claims.renew(id, owner)),
    }
  }
}
