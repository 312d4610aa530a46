import { nameOf } from './schema-name.ts'

/**
 * Tells the ledgers that listen, when the transaction commits. The payload is the ledger that sends it, so that it does not hear itself; a
 * transaction of the application has none, since no ledger knows when it commits.
 */
export function notifyFunctions(schema: string): string {
  const channel = nameOf(schema)
  return `
    CREATE OR REPLACE FUNCTION ${schema}.notify(sender text) RETURNS void
    LANGUAGE sql AS $$ SELECT pg_notify('${channel}', sender) $$;

    -- For what happens often. Commits that notify wait for each other, so they do only when a dispatcher elsewhere is there to hear it.
    CREATE OR REPLACE FUNCTION ${schema}.notify_dispatchers(sender text) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM ${schema}.dispatchers WHERE listener <> sender) THEN
        PERFORM pg_notify('${channel}', sender);
      END IF;
    END $$;
  `
}
