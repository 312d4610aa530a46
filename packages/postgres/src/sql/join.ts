import type { DispatcherRecord } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** Registers a dispatcher, or changes which endpoints it delivers to. */
export function joinFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.join_dispatchers(id text, place text, endpoint_ids text[], listener text) RETURNS void
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      INSERT INTO ${schema}.dispatchers (id, place, endpoint_ids, listener)
      VALUES (join_dispatchers.id, join_dispatchers.place, join_dispatchers.endpoint_ids, join_dispatchers.listener)
      ON CONFLICT (id) DO UPDATE
      SET place = excluded.place, endpoint_ids = excluded.endpoint_ids, listener = excluded.listener;
      INSERT INTO ${schema}.beats (dispatcher_id) VALUES (join_dispatchers.id) ON CONFLICT (dispatcher_id) DO NOTHING;
      PERFORM ${schema}.raise_generation();
      PERFORM ${schema}.notify(join_dispatchers.listener);
    END $$;
  `
}

/** Registers a dispatcher, see {@link joinFunction}. */
export function prepareJoin({
  database: { schema, query },
  sender,
}: LedgerContext): (dispatcher: DispatcherRecord) => Promise<void> {
  const text = `SELECT ${schema}.join_dispatchers($1, $2, $3, $4)`
  return async ({ id, place, endpointIds }) => void (await query(text, [id, place, endpointIds, sender]))
}
