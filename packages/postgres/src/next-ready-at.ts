import type { Database } from './database.ts'
import { isFirst } from './line.ts'
import { queueSettings } from './queue-settings.ts'
import type { Now } from './time.ts'

/**
 * In how many milliseconds the next delivery of an endpoint falls due. Those that are arriving may be many, and most of them
 * may turn out to wait: after a thousand it is enough to know that nothing is due before the last one looked at.
 */
export function nextReadyFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.next_ready_in_ms(endpoint_id text, now bigint) RETURNS bigint
    LANGUAGE plpgsql ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(next_ready_in_ms.now);
      found_at bigint;
    BEGIN
      SELECT ready_at INTO found_at FROM (
        SELECT * FROM ${schema}.deliveries
        WHERE endpoint_id = next_ready_in_ms.endpoint_id AND ready_at IS NOT NULL
        ORDER BY ready_at, number LIMIT 1000
      ) AS delivery
      WHERE place = 'head' OR ${isFirst(schema, 'delivery')}
      LIMIT 1;
      IF NOT FOUND THEN
        SELECT ready_at INTO found_at FROM ${schema}.deliveries
        WHERE endpoint_id = next_ready_in_ms.endpoint_id AND ready_at IS NOT NULL
        ORDER BY ready_at, number OFFSET 999 LIMIT 1;
      END IF;
      RETURN found_at - moment;
    END $$;
  `
}

/** When the next delivery of an endpoint falls due, see {@link nextReadyFunction}. */
export function prepareNextReadyAt(
  { schema, query }: Database,
  now: Now,
): (endpointId: string, given: number) => Promise<number | undefined> {
  const text = `SELECT ${schema}.next_ready_in_ms($1, $2) AS ready_in_ms`
  return async (endpointId, given) => {
    const [row] = await query(text, [endpointId, now(given)])
    const readyInMs = row?.['ready_in_ms'] ?? undefined
    return readyInMs === undefined ? undefined : given + Number(readyInMs)
  }
}
