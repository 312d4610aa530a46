/**
 * The number of an advisory lock: a settlement holds it shared, and whatever takes partitions from a dispatcher holds it alone. So a partition
 * changes hands when no settlement of its former owner is under way. In memory, where a lock on a row would be written with every settlement.
 */
export function membershipLockFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.membership_lock(dispatcher_id text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended(dispatcher_id, hashtext('${schema} membership'));
  `
}
