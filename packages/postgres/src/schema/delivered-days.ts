/** The number of the advisory lock that is held while a partition of `delivered` is made or dropped. */
export function daysLock(schema: string): string {
  return `hashtextextended('${schema} days', 0)`
}

/**
 * The days of what is delivered: partitions of its table. Their functions act as the role that owns the tables, so that a role that delivers
 * needs no right to make tables; both take the same lock, so that two machines do not do the same.
 */
export function deliveredDayFunctions(schema: string): string {
  const asOwner = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp'
  const lock = `PERFORM pg_advisory_xact_lock(${daysLock(schema)});`
  return `
    CREATE OR REPLACE FUNCTION ${schema}.ensure_day(moment bigint) RETURNS void
    LANGUAGE plpgsql ${asOwner} AS $$
    #variable_conflict use_column
    DECLARE
      length bigint := partition_in_ms FROM ${schema}.ledger;
      start bigint := ensure_day.moment - ensure_day.moment % length;
      partition text := 'delivered_' || to_char(to_timestamp(start / 1000.0) AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS_MS');
    BEGIN
      ${lock}
      IF EXISTS (SELECT FROM ${schema}.delivered_days WHERE starts_at = start) THEN RETURN; END IF;
      -- Attached when it is there, which stops no read and no write; as a partition of it from the start it would.
      EXECUTE format('CREATE TABLE ${schema}.%I (LIKE ${schema}.delivered INCLUDING ALL)', partition);
      EXECUTE format('ALTER TABLE ${schema}.delivered ATTACH PARTITION ${schema}.%I FOR VALUES FROM (%s) TO (%s)',
        partition, start, start + length);
      INSERT INTO ${schema}.delivered_days (starts_at, ends_at, name) VALUES (start, start + length, partition);
    END $$;

    -- NULL when others are at it, or use it for too long: the next time then. What reads would wait behind this.
    CREATE OR REPLACE FUNCTION ${schema}.drop_day(start bigint) RETURNS bigint
    LANGUAGE plpgsql ${asOwner} SET lock_timeout = '200ms' AS $$
    #variable_conflict use_column
    DECLARE
      partition text;
      row_count bigint;
    BEGIN
      SELECT name INTO partition FROM ${schema}.delivered_days WHERE starts_at = drop_day.start;
      IF NOT FOUND THEN RETURN NULL; END IF;
      -- As the statistics say, if there are any: to count takes longer than to drop.
      SELECT reltuples INTO row_count FROM pg_class WHERE oid = format('${schema}.%I', partition)::regclass;
      IF row_count < 0 THEN EXECUTE format('SELECT count(*) FROM ${schema}.%I', partition) INTO row_count; END IF;
      ${lock}
      EXECUTE format('DROP TABLE ${schema}.%I', partition);
      DELETE FROM ${schema}.delivered_days WHERE starts_at = drop_day.start;
      RETURN row_count;
    EXCEPTION
      WHEN lock_not_available OR undefined_table THEN RETURN NULL;
    END $$;
  `
}
