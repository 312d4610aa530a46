import { randomUUID } from 'node:crypto'
import { toDedupeKey, type DedupeClaim, type DedupeStore } from '@taskhook/core'
import { OutboxError } from '@taskhook/outbox'
import { createPurge } from '@taskhook/outbox/ledger'
import { connect } from '../connection/connect.ts'
import { checkTransaction, toTransactionError } from '../connection/check-transaction.ts'
import { createDatabase } from '../connection/database.ts'
import type { PostgresClient } from '../connection/postgres-client.ts'
import { isMissing, toOutboxError } from '../connection/postgres-error.ts'
import { quoteSchema } from '../schema/schema-name.ts'
import { createWork } from '../work.ts'
import { prepareClaims } from './claims.ts'
import { createDedupeTable } from './dedupe-table.ts'
import { resolveOptions, type PostgresDedupeOptions } from './postgres-dedupe-options.ts'

/** A dedupe store in a database, which is closed when the receiver has ended. */
export interface PostgresDedupeStore extends DedupeStore, AsyncDisposable {
  /** Ends what was begun, and the connections if they are its own. A claim that is held is free again when its time is over. */
  close(): Promise<void>
}

/**
 * A {@link DedupeStore} on PostgreSQL, for any number of processes on any number of machines. Time is the database's. Makes its
 * table, `dedupe`, when it is first used and not there.
 *
 * `settle(true, { transaction })` takes the client (`pg`) that a transaction on the same database is open on. It rejects with
 * `claim_lost` when another receiver has the delivery.
 *
 * What fails in the database makes the request fail with `dedupe_unavailable` (503), with the OutboxError as the cause. The
 * database may be away when this is called.
 *
 * @throws OptionError or OutboxError `option_invalid` for an option that cannot work.
 * @example
 * app.post('/automation', verifyWebhook({ secret, dedupe: postgresDedupe({ pool }) }), handler)
 */
export function postgresDedupe(options: PostgresDedupeOptions): PostgresDedupeStore {
  const { schema, statementTimeoutInMs, maxConnections, connectionTimeoutInMs, ...times } =
    resolveOptions(options)
  const { claimInMs, keepInMs } = times
  const quoted = quoteSchema(schema)
  const connections = connect({ ...options, maxConnections, connectionTimeoutInMs, listen: false })
  const database = createDatabase(connections.pool, { schema: quoted, statementTimeoutInMs })
  const claims = prepareClaims(database, times)
  const work = createWork()
  const purge = createPurge((limit) => work.run(() => claims.purge(limit)), { keepInMs })
  let table: Promise<void> | undefined
  let closing: Promise<void> | undefined

  /** Of those that come at once, one makes the table. A database that was away may be there the next time. */
  async function createTable(): Promise<void> {
    table ??= createDedupeTable(database)
    try {
      await table
    } catch (error) {
      table = undefined
      throw error
    }
  }

  async function commitWithin(transaction: PostgresClient, id: string, owner: string): Promise<void> {
    work.check()
    checkTransaction(transaction)
    try {
      const { isCommitted, isDurable } = await claims.commitWithin(transaction, id, owner)
      if (!isDurable) throw toTransactionError('not_durable')
      if (isCommitted) return
    } catch (error) {
      if (isMissing(error)) throw toTransactionError('other_ledger')
      throw toOutboxError(error)
    }
    throw new OutboxError(
      'claim_lost',
      'transaction: another receiver has claimed this delivery meanwhile: roll back, because that receiver handles it',
    )
  }

  function createClaim(id: string, owner: string): DedupeClaim {
    return {
      // On the application's connection, whose time is its own: closing does not wait for it.
      commit: async ({ transaction } = {}) =>
        transaction === undefined
          ? work.run(() => claims.commit(id, owner))
          : commitWithin(transaction as PostgresClient, id, owner),
      abort: () => work.run(() => claims.abort(id, owner)),
      renew: () => work.run(() => claims.renew(id, owner)),
    }
  }

  async function close(): Promise<void> {
    purge.stop()
    await work.end()
    await connections.close()
  }

  return {
    claimInMs,
    keepInMs,

    async begin(given) {
      const id = toDedupeKey(given)
      const owner = randomUUID()
      const state = await work.run(async () => {
        await createTable()
        return claims.begin(id, owner)
      })
      purge.afterBegin()
      return state === 'claimed' ? createClaim(id, owner) : state
    },

    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
