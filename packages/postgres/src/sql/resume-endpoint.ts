import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/** Ends a pause and closes the circuit. */
export function resumeFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.resume(endpoint_id text, now bigint, sender text) RETURNS void
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    BEGIN
      PERFORM ${schema}.raise_revision(ARRAY[resume.endpoint_id]);
      UPDATE ${schema}.endpoints
      SET paused_reason = NULL,
        paused_at = NULL,
        circuit_since = CASE WHEN circuit_until IS NULL THEN circuit_since ELSE ${schema}.time_in_ms(resume.now) END,
        circuit_until = NULL,
        circuit_openings = 0
      WHERE id = resume.endpoint_id;
      PERFORM ${schema}.notify(resume.sender);
    END $$;
  `
}

/** Resumes an endpoint, see {@link resumeFunction}. */
export function prepareResumeEndpoint({
  database: { schema, query },
  now,
  sender,
}: LedgerContext): (id: string) => Promise<void> {
  const text = `SELECT ${schema}.resume($1, $2, $3)`
  return async (id) => void (await query(text, [id, now(), sender]))
}
