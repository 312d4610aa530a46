import { type NewRead, type ReadPosition, toReadDelivery } from '@taskhook/outbox/ledger'
import type { Row } from '../connection/postgres-client.ts'
import type { LedgerContext } from '../ledger-context.ts'
import { queueSettings } from '../schema/queue-settings.ts'
import { indexRange } from './index-range.ts'
import { readColumns, selectColumns } from './read-columns.ts'

/**
 * Up to where everything was read: what is visible in a snapshot, with numbers up to one. While more late ones are there than one read
 * takes, also the later snapshot in which they are visible, and the last one of them that was read.
 */
interface Position {
  timeline: string
  snapshot: string
  number: string
  late?: { until: string; after: string }
}

/**
 * Reads what became visible since a position. Numbers become visible out of order, so that are two kinds: those after the last number that
 * was read; and the late ones before it, whose transactions had not ended for the snapshot that was read in, and have for this one. These are
 * looked up by their transactions, of which few were open: nothing that was read or has ended is looked at again.
 *
 * What has the number of a transaction that this server has not come to, as after a restore, is not late. A server that was promoted or
 * restored may have lost transactions, and gives their numbers again: it has another timeline, on which everything pending is read once more.
 */
export function readNewFunction(schema: string): string {
  // The beginning of the name of a file of the write-ahead log. A standby has none that it writes.
  const timeline = 'CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END'
  const ofOpenTransaction = indexRange('delivery', ['xid', 'number'], {
    after: ['open.xid', 'late_after'],
    upTo: ['open.xid', 'position_number'],
  })
  return `
    CREATE OR REPLACE FUNCTION ${schema}.read_new(
      position_snapshot pg_snapshot, position_number bigint, late_until pg_snapshot, late_after bigint, count integer, given_now bigint
    )
    RETURNS TABLE (timeline text, snapshot text, generation bigint, revision bigint, "isLate" boolean, ${readColumns})
    LANGUAGE plpgsql STABLE ${queueSettings} AS $$
    #variable_conflict use_column
    DECLARE
      moment bigint := ${schema}.time_in_ms(given_now);
    BEGIN
      RETURN QUERY
      -- One statement, so one snapshot: that of everything that is read here, and of the counters.
      WITH late_number AS MATERIALIZED (
        SELECT number FROM (
          (
            SELECT delivery.number FROM ${schema}.deliveries AS delivery
            WHERE delivery.state = 'pending' AND delivery.number > late_after AND delivery.number <= position_number
              AND delivery.xid >= pg_snapshot_xmax(position_snapshot)
              AND delivery.xid < pg_snapshot_xmax(coalesce(late_until, pg_current_snapshot()))
              AND pg_visible_in_snapshot(delivery.xid, coalesce(late_until, pg_current_snapshot()))
            ORDER BY delivery.xid, delivery.number
          )
          UNION ALL
          SELECT one.number
          FROM pg_snapshot_xip(position_snapshot) AS open (xid)
          CROSS JOIN LATERAL (
            SELECT delivery.number FROM ${schema}.deliveries AS delivery
            WHERE delivery.state = 'pending' AND ${ofOpenTransaction.where}
              AND pg_visible_in_snapshot(open.xid, coalesce(late_until, pg_current_snapshot()))
            ORDER BY ${ofOpenTransaction.order} LIMIT read_new.count
          ) AS one
        ) AS found
        ORDER BY number LIMIT read_new.count
      ), found AS (
        (
          SELECT true AS is_late, ${selectColumns(schema)}
          FROM late_number JOIN ${schema}.deliveries AS delivery USING (number)
          ORDER BY delivery.number
        )
        UNION ALL
        (
          SELECT false, ${selectColumns(schema)}
          FROM ${schema}.deliveries AS delivery
          WHERE delivery.state = 'pending' AND delivery.number > position_number
          ORDER BY delivery.number
          LIMIT CASE WHEN late_until IS NULL THEN read_new.count - (SELECT count(*) FROM late_number) ELSE 0 END
        )
      )
      SELECT ${timeline}, pg_current_snapshot()::text, versions.generation, versions.revision, found.*
      FROM ${schema}.versions LEFT JOIN found ON true
      ORDER BY found.is_late DESC, found.number;
    END $$;

    -- Where a reader begins: what is visible now is in the backlog, and whatever else has a number by now is late.
    CREATE OR REPLACE FUNCTION ${schema}.read_end()
    RETURNS TABLE (timeline text, snapshot text, generation bigint, revision bigint, number bigint)
    LANGUAGE sql AS $$
      SELECT ${timeline}, pg_current_snapshot()::text, generation, revision,
        coalesce(pg_sequence_last_value(pg_get_serial_sequence('${schema}.deliveries', 'number')::regclass), 0)
      FROM ${schema}.versions
    $$;
  `
}

/** Reads what is new, see {@link readNewFunction}. */
export function prepareReadNew({
  database: { schema, query },
  now,
}: LedgerContext): (position: ReadPosition | undefined, limit: number) => Promise<NewRead> {
  const readEnd = `SELECT * FROM ${schema}.read_end()`
  const readNew = `SELECT * FROM ${schema}.read_new($1, $2, $3, $4, $5, $6)`

  return async (given, limit) => {
    if (given === undefined) {
      const [row] = await query(readEnd)
      const position: Position = { ...toPlace(row), number: String(row?.['number']) }
      return { ...toVersions(row), deliveries: [], lateCount: 0, position: { position }, isEnd: true }
    }
    const from = given.position as Position
    const { snapshot, number, late } = from
    const rows = await query(readNew, [snapshot, number, late?.until, late?.after ?? -1, limit, now()])
    const place = toPlace(rows[0])
    if (place.timeline !== from.timeline) {
      const position: Position = { ...place, number: '0' }
      return { ...toVersions(rows[0]), deliveries: [], lateCount: 0, position: { position }, isEnd: false }
    }
    const found = rows.filter((row) => row['number'] !== null)
    const lateCount = found.filter((row) => row['isLate'] === true).length
    return {
      ...toVersions(rows[0]),
      deliveries: found.map((row) => toReadDelivery(row, Number(row['now']))),
      lateCount,
      position: {
        position: next(from, { snapshot: place.snapshot, found, lateCount, limit }),
      },
      isEnd: late === undefined && found.length < limit,
    }
  }
}

function next(
  { timeline, snapshot: from, number, late }: Position,
  { snapshot, found, lateCount, limit }: { snapshot: string; found: Row[]; lateCount: number; limit: number },
): Position {
  const last = String(found.at(-1)?.['number'])
  if (lateCount === limit)
    return { timeline, snapshot: from, number, late: { until: late?.until ?? snapshot, after: last } }
  return { timeline, snapshot: late?.until ?? snapshot, number: found.length > lateCount ? last : number }
}

function toVersions(row: Row | undefined): { generation: number; revision: number } {
  return { generation: Number(row?.['generation']), revision: Number(row?.['revision']) }
}

function toPlace(row: Row | undefined): { timeline: string; snapshot: string } {
  return { timeline: String(row?.['timeline']), snapshot: String(row?.['snapshot']) }
}
