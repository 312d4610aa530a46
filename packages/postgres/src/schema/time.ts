/** What the functions of a ledger take for now: `null` for the time of the database, or what a test says. */
export type Now = () => number | null

/** The time in milliseconds since 1970: that of the database, unless a test gives another. */
export function timeFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.time_in_ms(given bigint) RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN coalesce(given, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint);
  `
}
