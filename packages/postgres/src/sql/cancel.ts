import type { LedgerContext } from '../ledger-context.ts'
import { patience, queueSettings } from '../schema/queue-settings.ts'
import { indexRange, maxNumber, minNumber } from './index-range.ts'

/**
 * Gives a pending delivery up. The next one of its ordering key is due at once, should it be the head now: its dispatcher may have read it and
 * left it to the one before, which waited for its time. False: not known, or not pending.
 */
export function cancelFunction(schema: string): string {
  const ofLine = indexRange('deliveries', ['ordering_key', 'endpoint_id', 'number'], {
    after: ['line.ordering_key', 'line.endpoint_id', minNumber],
    upTo: ['line.ordering_key', 'line.endpoint_id', maxNumber],
  })
  return `
    CREATE OR REPLACE FUNCTION ${schema}.cancel(id text, now bigint, sender text) RETURNS boolean
    LANGUAGE plpgsql ${queueSettings} ${patience} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(cancel.now);
      line record;
    BEGIN
      SELECT endpoint_id, ordering_key, number INTO line FROM ${schema}.deliveries WHERE id = cancel.id AND state = 'pending';
      IF NOT FOUND THEN RETURN false; END IF;
      -- Of two that cancel in one line at the same time, the later one sees what the other has left to be the head.
      PERFORM pg_advisory_xact_lock(hashtextextended(line.ordering_key, hashtext('${schema} ' || line.endpoint_id)));

      UPDATE ${schema}.deliveries SET state = 'canceled', ready_at = NULL, wait_in_ms = 0, settled_at = moment
      WHERE id = cancel.id AND state = 'pending';
      IF NOT FOUND THEN RETURN false; END IF;

      UPDATE ${schema}.deliveries SET ready_at = moment, wait_in_ms = 0
      WHERE ready_at IS NULL AND state = 'pending' AND number > line.number AND number = (
        SELECT number FROM ${schema}.deliveries WHERE state = 'pending' AND ${ofLine.where} ORDER BY ${ofLine.order} LIMIT 1
      );
      PERFORM ${schema}.raise_revision(ARRAY[line.endpoint_id]);
      PERFORM ${schema}.notify(cancel.sender);
      RETURN true;
    END $$;
  `
}

/** Gives a delivery up, see {@link cancelFunction}. */
export function prepareCancel({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (id: string) => Promise<boolean> {
  const text = `SELECT ${schema}.cancel($1, $2, $3) AS is_canceled`
  return async (id) => {
    const [row] = await query(text, [id, now(), sender])
    return row?.['is_canceled'] === true
  }
}
