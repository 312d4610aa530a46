import type { Database } from './database.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/** Gives back everything that some owners have leased; returns how many. */
export function recoverFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.recover(owners text[], now bigint, sender text) RETURNS integer
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      ids text[];
      tokens bigint[];
    BEGIN
      SELECT array_agg(id), array_agg(lease_token) INTO ids, tokens
      FROM ${schema}.deliveries WHERE place = 'head' AND leased_by = ANY (recover.owners);
      PERFORM ${schema}.release(ids, tokens, recover.now, recover.sender);
      RETURN coalesce(cardinality(ids), 0);
    END $$;
  `
}

/** Gives back everything leased by owners who are not alive; resolves to how many. */
export function prepareRecover(
  { schema, query }: Database,
  { now, sender }: { now: Now; sender: string },
): (isAlive: (owner: string) => boolean, given: number) => Promise<number> {
  // The place says what the planner cannot see: that the index over heads has everything that is leased.
  const findOwners = `
    SELECT DISTINCT leased_by FROM ${schema}.deliveries WHERE place = 'head' AND leased_by IS NOT NULL
  `
  return async (isAlive, given) => {
    const owners = (await query(findOwners)).map((row) => String(row['leased_by']))
    const dead = owners.filter((owner) => !isAlive(owner))
    if (dead.length === 0) return 0
    const [row] = await query(`SELECT ${schema}.recover($1, $2, $3) AS count`, [dead, now(given), sender])
    return Number(row?.['count'])
  }
}
