import { type ReadDelivery, toReadDelivery } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { readColumns, selectColumns } from './read-columns.ts'

/** Reads what is still pending of the deliveries with these numbers. */
export function readPendingFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.read_pending(numbers bigint[], given_now bigint)
    RETURNS TABLE (${readColumns})
    LANGUAGE plpgsql STABLE ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
    BEGIN
      RETURN QUERY
      SELECT ${selectColumns(schema)}
      FROM unnest(read_pending.numbers) WITH ORDINALITY AS given (number, n)
      JOIN ${schema}.deliveries AS delivery ON delivery.number = given.number
      -- The same as state = 'pending', and no condition of a smaller index that might be taken for the numbers.
      WHERE delivery.settled_at IS NULL
      ORDER BY given.n;
    END $$;
  `
}

/** Reads deliveries again, see {@link readPendingFunction}. */
export function prepareReadPending({
  database: { schema, query },
  now,
}: LedgerContext): (numbers: readonly number[]) => Promise<ReadDelivery[]> {
  const text = `SELECT * FROM ${schema}.read_pending($1, $2)`
  return async (numbers) => {
    const rows = await query(text, [numbers, now()])
    return rows.map((row) => toReadDelivery(row, Number(row['now'])))
  }
}
