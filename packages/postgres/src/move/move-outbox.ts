import { checkGivenOptions } from '@taskhook/core'
import { OutboxError } from '@taskhook/outbox'
import { openSqliteExport, type StoredState, type SqliteExport } from '@taskhook/outbox/ledger'
import { checkConnectionString } from '../connection/open-pool.ts'
import { openMoveTarget, type MoveTarget } from './move-target.ts'
import { postgresLedger } from '../postgres-ledger.ts'

/** Options of {@link moveOutbox}. */
export interface MoveOptions {
  /** The SQLite file. */
  file: string
  /** The database, `postgres://…`. */
  connectionString: string
  /** Where its tables are, made if they are not there. Default `taskhook`. */
  schema?: string
}

/** What was moved. */
export interface Move {
  /** How many deliveries of each state; those that are held are among the pending ones. */
  moved: Record<StoredState, number>
  /** How many PostgreSQL had already. */
  knownCount: number
  endpointCount: number
  /** Whether all was moved before, so that nothing was left to do. */
  wasMoved: boolean
}

/**
 * Moves an outbox from SQLite to PostgreSQL. It writes to PostgreSQL in one transaction, while no other process can
 * write to the file. Then it sets the tables of the file aside. If it is killed at any time, run it again. If it was
 * killed between the two commits, it finds the moved deliveries and only has to finish the file.
 *
 * @throws OptionError for an option that is not known; OutboxError for one that cannot be, and when either place cannot be read or written.
 * @example
 * const { moved } = await moveOutbox({ file: 'taskhook.db', connectionString: 'postgres://owner@db.example.org/automation' })
 */
export async function moveOutbox(options: MoveOptions): Promise<Move> {
  checkGivenOptions<MoveOptions>(options, { file: true, connectionString: true, schema: true })
  const { file, connectionString, schema = 'taskhook' } = options
  checkConnectionString('connectionString', connectionString)
  const source = openSqliteExport(file)
  try {
    const ledger = await postgresLedger({ connectionString, schema, maxConnections: 1, listen: false })
    await ledger.close()
    const target = await openMoveTarget(connectionString, schema)
    try {
      return await move(source, target, file)
    } finally {
      await target.close()
    }
  } finally {
    source.close()
  }
}

async function move(source: SqliteExport, target: MoveTarget, file: string): Promise<Move> {
  const moved = { pending: 0, delivered: 0, exhausted: 0, canceled: 0 }
  if (source.movedTo === target.ledgerId) return { moved, knownCount: 0, endpointCount: 0, wasMoved: true }
  if (source.movedTo !== undefined) {
    throw new OutboxError('ledger_unavailable', `the outbox in ${file} was moved to another database before`)
  }

  let knownCount = 0
  for (const deliveries of source.readDeliveries()) {
    const counts = await target.writeDeliveries(deliveries)
    knownCount += deliveries.length
    for (const [state, count] of Object.entries(counts)) {
      moved[state as StoredState] += count
      knownCount -= count
    }
  }
  const endpoints = source.readEndpoints()
  await target.writeEndpoints(endpoints)

  // All that can go wrong with the file has gone wrong before the one commit, and is undone should the other fail.
  source.setAside(target.ledgerId)
  await target.commit()
  source.commit()
  return { moved, knownCount, endpointCount: endpoints.length, wasMoved: false }
}
