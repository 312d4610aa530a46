import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/** Pauses endpoints. One that is paused already keeps its reason and time. */
export function pauseFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.pause(endpoint_ids text[], reason text, now bigint, sender text) RETURNS void
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    BEGIN
      PERFORM ${schema}.raise_revision(pause.endpoint_ids);
      UPDATE ${schema}.endpoints SET paused_reason = pause.reason, paused_at = ${schema}.time_in_ms(pause.now)
      WHERE id = ANY (pause.endpoint_ids) AND paused_reason IS NULL;
      PERFORM ${schema}.notify(pause.sender);
    END $$;
  `
}

/** Pauses an endpoint for an operator, see {@link pauseFunction}. */
export function preparePauseEndpoint({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (id: string) => Promise<void> {
  const text = `SELECT ${schema}.pause(ARRAY[$1], 'operator', $2, $3)`
  return async (id) => void (await query(text, [id, now(), sender]))
}
