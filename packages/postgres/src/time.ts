/** What a function of the ledger takes for now: the caller's time, or `null` for the time of the database. */
export type Now = (given: number) => number | null

/**
 * The time in milliseconds since 1970: that of the database, unless the caller's is given. All other times come as that far from
 * now, so that the clocks of the machines that share a ledger do not matter.
 */
export function timeFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.time_in_ms(given bigint) RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN coalesce(given, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint);
  `
}
