import type { Database } from './database.ts'
import { isFirst } from './line.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/**
 * Makes a delivery pending anew, under the same id and last of its ordering key, its retry schedule from the start. One that
 * is pending already keeps its place, and is due at once when it only waited for its time; that it was to be canceled is
 * forgotten. False when it is not known.
 */
export function resendFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.resend(id text, now bigint, sender text) RETURNS boolean
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(resend.now);
      line record;
      is_known boolean;
    BEGIN
      SELECT endpoint_id, ordering_key INTO line FROM ${schema}.deliveries WHERE id = resend.id
      UNION ALL SELECT endpoint_id, ordering_key FROM ${schema}.delivered WHERE id = resend.id;
      IF NOT FOUND THEN RETURN false; END IF;
      -- From here on it does not move from one table to the other.
      PERFORM pg_advisory_xact_lock(${schema}.line_lock(line.endpoint_id, line.ordering_key));

      UPDATE ${schema}.deliveries AS delivery
      SET cancel_requested = false,
        ready_at = CASE
          WHEN leased_by IS NULL AND (place = 'head' OR place = 'arriving' AND ${isFirst(schema, 'delivery')})
            THEN least(ready_at, moment)
          ELSE ready_at
        END
      WHERE id = resend.id AND state = 'pending';
      is_known := FOUND;

      IF NOT is_known THEN
        UPDATE ${schema}.deliveries
        SET number = DEFAULT, state = 'pending', place = 'arriving', ready_from = moment, ready_at = moment, tries = 0,
          settled_at = NULL
        WHERE id = resend.id AND state <> 'pending';
        is_known := FOUND;
      END IF;

      IF NOT is_known THEN
        WITH delivery AS (DELETE FROM ${schema}.delivered WHERE id = resend.id RETURNING *), key AS (
          -- A purge may be under way that has forgotten it.
          INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
          SELECT endpoint_id, idempotency_key, id FROM delivery WHERE idempotency_key IS NOT NULL
          ON CONFLICT DO NOTHING
        )
        INSERT INTO ${schema}.deliveries (id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at,
          ready_from, ready_at, lease_token, attempts)
        SELECT id, endpoint_id, ordering_key, type, payload, idempotency_key, accepted_at,
          moment, moment, lease_token, attempts
        FROM delivery;
        is_known := FOUND;
      END IF;

      IF is_known THEN PERFORM ${schema}.notify(resend.sender); END IF;
      RETURN is_known;
    END $$;
  `
}

/** Makes a delivery pending anew, see {@link resendFunction}. */
export function prepareResend(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (id: string, given: number) => Promise<boolean> {
  const text = `SELECT ${schema}.resend($1, $2, $3) AS is_known`
  return async (id, given) => {
    const [row] = await query(text, [id, now(given), sender])
    return row?.['is_known'] === true
  }
}
