import type { LedgerContext } from '../ledger-context.ts'
import { patience } from '../schema/queue-settings.ts'

/**
 * Forgets dispatchers and frees their partitions, each only if its beat is still the given one; without a beat, in any
 * case. Returns how many it forgot.
 */
export function buryFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.bury(ids text[], beats bigint[], sender text) RETURNS integer
    LANGUAGE plpgsql ${patience} AS $$
    #variable_conflict use_column
    DECLARE
      buried text[];
    BEGIN
      -- In one order, so that two that bury the same ones wait for each other and not both.
      PERFORM pg_advisory_xact_lock(number)
      FROM (
        SELECT DISTINCT ${schema}.membership_lock(id) AS number FROM unnest(bury.ids) AS id ORDER BY number
      ) AS locks;
      WITH gone AS (
        DELETE FROM ${schema}.beats AS known USING unnest(bury.ids, bury.beats) AS dead (id, beat)
        WHERE known.dispatcher_id = dead.id AND known.beat = coalesce(dead.beat, known.beat)
        RETURNING known.dispatcher_id AS id
      )
      SELECT array_agg(id) INTO buried FROM gone;
      IF buried IS NULL THEN RETURN 0; END IF;
      DELETE FROM ${schema}.dispatchers WHERE id = ANY (buried);
      UPDATE ${schema}.partitions SET owner = NULL WHERE owner = ANY (buried);
      PERFORM ${schema}.raise_generation();
      PERFORM ${schema}.notify(bury.sender);
      RETURN cardinality(buried);
    END $$;
  `
}

/** Buries dispatchers, see {@link buryFunction}. */
export function prepareBury({
  database: { schema, query },
  sender,
}: LedgerContext): (dead: readonly { id: string; beat: number | null }[]) => Promise<number> {
  const text = `SELECT ${schema}.bury($1, $2, $3) AS count`
  return async (dead) => {
    const [row] = await query(text, [dead.map(({ id }) => id), dead.map(({ beat }) => beat), sender])
    return Number(row?.['count'])
  }
}
