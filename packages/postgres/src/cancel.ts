import type { Database } from './database.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/** Cancels a pending delivery; one in flight is marked, and canceled when its attempt has failed. False: not pending. */
export function cancelFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.cancel(id text, now bigint, sender text) RETURNS boolean
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      line record;
      becomes text;
    BEGIN
      SELECT endpoint_id, ordering_key INTO line FROM ${schema}.deliveries WHERE id = cancel.id AND state = 'pending';
      IF NOT FOUND THEN RETURN false; END IF;
      PERFORM pg_advisory_xact_lock(${schema}.line_lock(line.endpoint_id, line.ordering_key));

      UPDATE ${schema}.deliveries
      SET state = CASE WHEN leased_by IS NULL THEN 'canceled' ELSE state END,
        place = CASE WHEN leased_by IS NOT NULL THEN place END,
        ready_at = CASE WHEN leased_by IS NOT NULL THEN ready_at END,
        settled_at = CASE WHEN leased_by IS NULL THEN ${schema}.time_in_ms(cancel.now) END,
        cancel_requested = leased_by IS NOT NULL
      WHERE id = cancel.id AND state = 'pending'
      RETURNING state INTO becomes;
      IF becomes = 'canceled' THEN
        PERFORM ${schema}.promote(ARRAY[line.endpoint_id], ARRAY[line.ordering_key]);
        PERFORM ${schema}.notify(cancel.sender);
      END IF;
      RETURN becomes IS NOT NULL;
    END $$;
  `
}

/** Cancels a delivery, see {@link cancelFunction}. */
export function prepareCancel(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (id: string, given: number) => Promise<boolean> {
  const text = `SELECT ${schema}.cancel($1, $2, $3) AS is_canceled`
  return async (id, given) => {
    const [row] = await query(text, [id, now(given), sender])
    return row?.['is_canceled'] === true
  }
}
