/**
 * Makes the first of a line its head, when the line has none and the first one waits. One that is arriving needs nobody: the
 * next claim looks at it. The caller holds the locks of the lines.
 */
export function promoteFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.promote(endpoint_ids text[], ordering_keys text[]) RETURNS void
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
      UPDATE ${schema}.deliveries SET place = 'head', ready_at = ready_from
      WHERE number IN (
        SELECT first.number
        FROM unnest(promote.endpoint_ids, promote.ordering_keys) AS line (endpoint_id, ordering_key)
        CROSS JOIN LATERAL (
          SELECT number, place FROM ${schema}.deliveries AS pending
          WHERE pending.ordering_key = line.ordering_key AND pending.endpoint_id = line.endpoint_id
            AND pending.state = 'pending'
          ORDER BY number LIMIT 1
        ) AS first
        WHERE first.place = 'waiting' AND NOT EXISTS (
          SELECT FROM ${schema}.deliveries AS head
          WHERE head.ordering_key = line.ordering_key AND head.endpoint_id = line.endpoint_id AND head.place = 'head'
        )
      );
    END $$;
  `
}
