import { heldWaitInMs } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { patience, queueSettings } from '../schema/queue-settings.ts'

/**
 * Makes a delivery pending again, with the same id, last of its ordering key, and with its retry schedule from the
 * start. A pending or held delivery keeps its place and waits no longer. A held one starts its schedule again. False if
 * it is not known.
 */
export function resendFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.resend(id text, now bigint, sender text) RETURNS boolean
    LANGUAGE plpgsql ${queueSettings} ${patience} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(resend.now);
      hurried record;
    BEGIN
      -- Again, should it have moved from one table to the other meanwhile.
      FOR round IN 1..3 LOOP
        SELECT number, endpoint_id, ready_at > moment AS is_early, ready_at >= ${heldWaitInMs} AS is_held INTO hurried
        FROM ${schema}.deliveries WHERE id = resend.id AND state = 'pending' FOR UPDATE;
        IF FOUND THEN
          IF hurried.is_early THEN
            UPDATE ${schema}.deliveries SET ready_at = moment, wait_in_ms = 0,
              tries = CASE WHEN hurried.is_held THEN 0 ELSE tries END
            WHERE id = resend.id;
            -- The tries of a new schedule are those that an attempt of the former one may have ended the process with.
            IF hurried.is_held THEN DELETE FROM ${schema}.starts WHERE number = hurried.number; END IF;
            PERFORM ${schema}.raise_revision(ARRAY[hurried.endpoint_id]);
            PERFORM ${schema}.notify(resend.sender);
          END IF;
          RETURN true;
        END IF;

        UPDATE ${schema}.deliveries
        SET number = DEFAULT, xid = DEFAULT, state = 'pending', ready_at = NULL, wait_in_ms = 0, tries = 0, settled_at = NULL
        WHERE id = resend.id AND state <> 'pending';
        IF FOUND THEN
          PERFORM ${schema}.notify_dispatchers(resend.sender);
          RETURN true;
        END IF;

        WITH delivery AS (DELETE FROM ${schema}.delivered WHERE id = resend.id RETURNING *), key AS (
          -- A purge may be under way that has forgotten it.
          INSERT INTO ${schema}.idempotency_keys (endpoint_id, idempotency_key, delivery_id)
          SELECT endpoint_id, idempotency_key, id FROM delivery WHERE idempotency_key IS NOT NULL
          ON CONFLICT DO NOTHING
        )
        INSERT INTO ${schema}.deliveries (accepted_at, attempt_count, last_status, partition, id, endpoint_id, ordering_key, type,
          payload, context, idempotency_key, last_error_code, attempts)
        SELECT accepted_at, attempt_count, last_status, partition, id, endpoint_id, ordering_key, type,
          payload, context, idempotency_key, last_error_code, attempts
        FROM delivery;
        IF FOUND THEN
          PERFORM ${schema}.notify_dispatchers(resend.sender);
          RETURN true;
        END IF;
      END LOOP;
      RETURN false;
    END $$;
  `
}

/** Makes a delivery pending anew, see {@link resendFunction}. */
export function prepareResend({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (id: string) => Promise<boolean> {
  const text = `SELECT ${schema}.resend($1, $2, $3) AS is_known`
  return async (id) => {
    const [row] = await query(text, [id, now(), sender])
    return row?.['is_known'] === true
  }
}
