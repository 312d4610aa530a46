/**
 * The counters that tell dispatchers what to read again. Raised last in a transaction, since that is one row for all: until the commit, others
 * wait here. So a counter that is seen tells of changes that are seen too.
 */
export function versionFunctions(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.raise_generation() RETURNS void
    LANGUAGE sql AS $$ UPDATE ${schema}.versions SET generation = generation + 1 $$;

    -- Something was decided about these endpoints, or about pending deliveries of theirs.
    CREATE OR REPLACE FUNCTION ${schema}.raise_revision(endpoint_ids text[]) RETURNS void
    LANGUAGE sql AS $$
      WITH raised AS (UPDATE ${schema}.versions SET revision = revision + 1 RETURNING revision)
      INSERT INTO ${schema}.endpoints (id, revision)
      SELECT DISTINCT endpoint_id COLLATE "C" AS id, revision FROM unnest(endpoint_ids) AS endpoint_id, raised ORDER BY id
      ON CONFLICT (id) DO UPDATE SET revision = excluded.revision
    $$;
  `
}
