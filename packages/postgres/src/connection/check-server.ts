import { OutboxError } from '@taskhook/outbox'
import type { Database } from './database.ts'

/**
 * Checks what the role, the database or the pool may have set for all connections.
 *
 * @throws OutboxError `option_invalid`.
 */
export async function checkServer({ query }: Database): Promise<void> {
  const [row] = await query(`
    SELECT current_setting('default_transaction_isolation') AS isolation,
      current_setting('synchronous_commit') AS synchronous_commit
  `)
  if (row?.['isolation'] !== 'read committed') {
    throw new OutboxError(
      'option_invalid',
      'default_transaction_isolation: must be read committed for the connections of the ledger',
    )
  }
  if (row['synchronous_commit'] === 'off') {
    throw new OutboxError(
      'option_invalid',
      'synchronous_commit: must not be off for the connections of the ledger',
    )
  }
}
