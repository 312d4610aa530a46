/** The condition that nothing of its line, which is its endpoint's ordering key, comes before a pending delivery. */
export function isFirst(schema: string, delivery: string): string {
  return `(
    NOT EXISTS (
      SELECT FROM ${schema}.deliveries AS head
      WHERE head.ordering_key = ${delivery}.ordering_key AND head.endpoint_id = ${delivery}.endpoint_id
        AND head.place = 'head' AND head.number <> ${delivery}.number
    ) AND NOT EXISTS (
      SELECT FROM ${schema}.deliveries AS earlier
      WHERE earlier.ordering_key = ${delivery}.ordering_key AND earlier.endpoint_id = ${delivery}.endpoint_id
        AND earlier.state = 'pending' AND earlier.number < ${delivery}.number
    )
  )`
}

/**
 * Whoever decides which delivery of a line comes first, or ends one, holds the line's lock until the transaction is over: an
 * advisory lock of this number. It looks at the line in a statement that begins after it has the lock, and so sees all that
 * those before it have committed; that is why these functions need READ COMMITTED.
 *
 * Enqueuing takes no such lock, so that the application's transaction holds up nobody.
 */
export function lineFunctions(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.line_lock(endpoint_id text, ordering_key text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended(ordering_key, hashtextextended(endpoint_id, hashtext('${schema}')));

    -- Sorted, so that two that lock the same lines wait for each other and not both.
    CREATE OR REPLACE FUNCTION ${schema}.lock_lines(endpoint_ids text[], ordering_keys text[]) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(line)
      FROM (
        SELECT DISTINCT ${schema}.line_lock(endpoint_id, ordering_key) AS line
        FROM unnest(endpoint_ids, ordering_keys) AS given (endpoint_id, ordering_key)
        ORDER BY line
      ) AS lines;
    END $$;
  `
}
