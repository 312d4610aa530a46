/**
 * The number of an advisory lock. A settlement holds it shared. Every operation that takes partitions from a dispatcher
 * holds it alone. So a partition changes hands only when no settlement of its former owner is under way. The lock is in
 * memory, because a lock on a row would be written with every settlement.
 */
export function membershipLockFunction(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION ${schema}.membership_lock(dispatcher_id text) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended(dispatcher_id, hashtext('${schema} membership'));
  `
}
