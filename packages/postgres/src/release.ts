import type { Lease } from '@taskhook/outbox'
import type { Database } from './database.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/** Gives leases back, their deliveries due at once; those that were lost stay as they are. */
export function releaseFunctions(schema: string): string {
  return `
    -- The caller holds the locks of the lines, and of the rows.
    CREATE OR REPLACE FUNCTION ${schema}.give_back(numbers bigint[], moment bigint) RETURNS void
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      endpoint_ids text[];
      ordering_keys text[];
    BEGIN
      WITH given_back AS (
        UPDATE ${schema}.deliveries
        SET state = CASE WHEN cancel_requested THEN 'canceled' ELSE state END,
          place = CASE WHEN NOT cancel_requested THEN place END,
          ready_at = CASE WHEN NOT cancel_requested THEN moment END,
          settled_at = CASE WHEN cancel_requested THEN moment END,
          cancel_requested = false,
          leased_by = NULL
        WHERE number = ANY (give_back.numbers)
        RETURNING state, endpoint_id, ordering_key
      )
      SELECT array_agg(endpoint_id), array_agg(ordering_key) INTO endpoint_ids, ordering_keys
      FROM given_back WHERE state = 'canceled';
      PERFORM ${schema}.promote(endpoint_ids, ordering_keys);
    END $$;

    CREATE OR REPLACE FUNCTION ${schema}.release(ids text[], tokens bigint[], now bigint, sender text) RETURNS void
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      endpoint_ids text[];
      ordering_keys text[];
      numbers bigint[];
    BEGIN
      SELECT array_agg(endpoint_id), array_agg(ordering_key) INTO endpoint_ids, ordering_keys
      FROM ${schema}.deliveries WHERE id = ANY (release.ids);
      PERFORM ${schema}.lock_lines(endpoint_ids, ordering_keys);
      SELECT array_agg(number) INTO numbers FROM (
        SELECT delivery.number
        FROM unnest(release.ids, release.tokens) AS lease (id, token)
        JOIN ${schema}.deliveries AS delivery ON delivery.id = lease.id
        WHERE delivery.lease_token = lease.token AND delivery.leased_by IS NOT NULL
        FOR UPDATE OF delivery
      ) AS held;
      IF numbers IS NULL THEN RETURN; END IF;
      PERFORM ${schema}.give_back(numbers, ${schema}.time_in_ms(release.now));
      PERFORM ${schema}.notify(release.sender);
    END $$;
  `
}

/** Gives leases back, see {@link releaseFunctions}. */
export function prepareRelease(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (leases: readonly Lease[], given: number) => Promise<void> {
  const text = `SELECT ${schema}.release($1, $2, $3, $4)`
  return async (leases, given) => {
    if (leases.length === 0) return
    await query(text, [leases.map(({ id }) => id), leases.map(({ token }) => token), now(given), sender])
  }
}
