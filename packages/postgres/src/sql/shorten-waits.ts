import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'

/** Shortens waits that were set by a clock that has gone back since: those that began in the future. Returns how many it changed. */
export function shortenWaitsFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.shorten_waits(count integer, now bigint, sender text) RETURNS integer
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(shorten_waits.now);
      changed_count integer;
    BEGIN
      WITH wrong AS (
        SELECT number FROM ${schema}.deliveries
        WHERE state = 'pending' AND ready_at IS NOT NULL AND ready_at - wait_in_ms > moment
        ORDER BY ready_at - wait_in_ms DESC LIMIT shorten_waits.count
        FOR UPDATE SKIP LOCKED
      ), shortened AS (
        UPDATE ${schema}.deliveries AS delivery SET ready_at = moment + wait_in_ms
        FROM wrong WHERE delivery.number = wrong.number
        RETURNING delivery.number
      )
      SELECT count(*) INTO changed_count FROM shortened;
      IF changed_count > 0 THEN PERFORM ${schema}.notify(shorten_waits.sender); END IF;
      RETURN changed_count;
    END $$;
  `
}

/** Shortens waits, see {@link shortenWaitsFunction}. */
export function prepareShortenWaits({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (limit: number) => Promise<number> {
  const text = `SELECT ${schema}.shorten_waits($1, $2, $3) AS count`
  return async (limit) => {
    const [row] = await query(text, [limit, now(), sender])
    return Number(row?.['count'])
  }
}
