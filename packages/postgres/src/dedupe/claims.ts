import type { Database } from '../connection/database.ts'
import type { PostgresClient, Row } from '../connection/postgres-client.ts'

/** The state of an id, or that the caller has claimed it now. */
type ClaimState = 'claimed' | 'in-progress' | 'done'

/** The operations on the table, each one statement. */
export interface Claims {
  begin(id: string, owner: string): Promise<ClaimState>
  commit(id: string, owner: string): Promise<void>
  /** Within a transaction of the application: whether `owner` had the id still, and whether the transaction is durable. */
  commitWithin(
    transaction: PostgresClient,
    id: string,
    owner: string,
  ): Promise<{ isCommitted: boolean; isDurable: boolean }>
  abort(id: string, owner: string): Promise<void>
  renew(id: string, owner: string): Promise<boolean>
  /** Deletes some of the rows that are kept no longer; resolves to how many. */
  purge(limit: number): Promise<number>
}

/** How long claims are held and ids remembered, in milliseconds. */
export interface ClaimTimes {
  claimInMs: number
  keepInMs: number
  /** The time, for tests, or `null` for the database's. */
  now: () => number | null
}

/** Prepares the operations on a database. */
export function prepareClaims({ schema, query }: Database, { claimInMs, keepInMs, now }: ClaimTimes): Claims {
  const table = `${schema}.dedupe`
  // In every statement, $1 is the id, $2 the claim and $3 the time.
  const clock =
    'clock AS (SELECT coalesce($3::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now)'
  // A row that another transaction has locked is being settled there, within a transaction of an application, or taken by another: it
  // is in progress, and not waited for. INSERT would wait for that, so what is known is looked at before.
  const beginText = `
    WITH ${clock}, known AS (
      SELECT owner, CASE WHEN owner IS NULL THEN keep_until ELSE ends_at END > now AS is_good
      FROM ${table}, clock WHERE id = $1
    ), free AS (
      SELECT id FROM ${table}, clock
      WHERE id = $1 AND CASE WHEN owner IS NULL THEN keep_until ELSE ends_at END <= now
      FOR UPDATE OF dedupe SKIP LOCKED
    ), taken AS (
      UPDATE ${table} SET owner = $2, ends_at = now + $4, keep_until = now + $4 + $5::bigint FROM free, clock
      WHERE dedupe.id = free.id
      RETURNING 1
    ), added AS (
      INSERT INTO ${table} (id, owner, ends_at, keep_until)
      SELECT $1, $2, now + $4, now + $4 + $5::bigint FROM clock WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT (id) DO NOTHING
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM taken) OR EXISTS (SELECT FROM added) AS is_claimed,
      EXISTS (SELECT FROM known WHERE owner IS NULL AND is_good) AS is_done
  `
  const commitText = `
    WITH ${clock}, committed AS (
      UPDATE ${table} SET owner = NULL, keep_until = now + $4::bigint FROM clock WHERE id = $1 AND owner = $2
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM committed) AS is_committed, current_setting('synchronous_commit') <> 'off' AS is_durable
  `
  const abortText = `DELETE FROM ${table} WHERE id = $1 AND owner = $2`
  const renewText = `
    WITH ${clock}
    UPDATE ${table} SET ends_at = now + $4, keep_until = now + $4 + $5::bigint FROM clock WHERE id = $1 AND owner = $2
    RETURNING 1
  `
  const purgeText = `
    DELETE FROM ${table} WHERE id IN (
      SELECT id FROM ${table}
      WHERE keep_until <= coalesce($2::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
      ORDER BY keep_until LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
  `

  return {
    async begin(id, owner) {
      const [row] = await query(beginText, [id, owner, now(), claimInMs, keepInMs])
      if (row?.['is_claimed'] === true) return 'claimed'
      return row?.['is_done'] === true ? 'done' : 'in-progress'
    },
    async commit(id, owner) {
      await query(commitText, [id, owner, now(), keepInMs])
    },
    async commitWithin(transaction, id, owner) {
      const { rows } = await transaction.query(commitText, [id, owner, now(), keepInMs])
      const [row] = rows as Row[]
      return { isCommitted: row?.['is_committed'] === true, isDurable: row?.['is_durable'] === true }
    },
    async abort(id, owner) {
      await query(abortText, [id, owner])
    },
    async renew(id, owner) {
      const rows = await query(renewText, [id, owner, now(), claimInMs, keepInMs])
      return rows.length > 0
    },
    async purge(limit) {
      const rows = await query(purgeText, [limit, now()])
      return rows.length
    },
  }
}
