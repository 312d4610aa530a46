import { nameOf } from './schema-name.ts'

/**
 * Tells who listens, when the transaction commits: what is due has changed, or who is paused. The payload is who sends it, so
 * that a ledger does not hear itself; a transaction of the application has none, since nobody knows when it commits.
 */
export function notifyFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.notify(sender text) RETURNS void
    LANGUAGE sql AS $$ SELECT pg_notify('${nameOf(schema)}', sender) $$;
  `
}
