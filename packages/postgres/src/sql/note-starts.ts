import type { AttemptEnd, AttemptStart } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'
import { patience, queueSettings } from '../schema/queue-settings.ts'

/**
 * Notes which attempts begin, and forgets those that have ended. It returns how often in a row each delivery's attempt
 * was begun by a dispatcher that died before it settled it. A start by a dead dispatcher is counted once. From then on
 * it has not begun until it is alone. It notes nothing for one that does not own the partition: a start that comes late
 * would make the count begin anew, or count the attempt that the new owner makes.
 */
export function noteStartsFunction(schema: string): string {
  const isOther = 'coalesce(known.dispatcher_id, note_starts.dispatcher_id) <> note_starts.dispatcher_id'
  return `
    CREATE OR REPLACE FUNCTION ${schema}.note_starts(
      dispatcher_id text, endpoint_ids text[], partitions smallint[], epochs bigint[], numbers bigint[], tries integer[],
      ended bigint[], ended_by text[], are_settled boolean[], alone bigint[]
    )
    RETURNS TABLE (number bigint, crashes integer)
    LANGUAGE plpgsql ${queueSettings} ${patience} AS $$
    #variable_conflict use_column
    BEGIN
      DELETE FROM ${schema}.starts AS known
      USING unnest(note_starts.ended, note_starts.ended_by, note_starts.are_settled) AS given (number, begun_by, is_settled)
      WHERE known.number = given.number AND known.dispatcher_id = given.begun_by AND given.is_settled;
      UPDATE ${schema}.starts AS known SET dispatcher_id = NULL
      FROM unnest(note_starts.ended, note_starts.ended_by, note_starts.are_settled) AS given (number, begun_by, is_settled)
      WHERE known.number = given.number AND known.dispatcher_id = given.begun_by AND NOT given.is_settled;
      IF cardinality(note_starts.numbers) = 0 THEN RETURN; END IF;
      PERFORM pg_advisory_xact_lock_shared(${schema}.membership_lock(note_starts.dispatcher_id));
      RETURN QUERY
      INSERT INTO ${schema}.starts AS known (number, tries, dispatcher_id, crashes)
      SELECT begun.number, begun.tries, note_starts.dispatcher_id, 0
      FROM unnest(note_starts.endpoint_ids, note_starts.partitions, note_starts.epochs, note_starts.numbers, note_starts.tries)
        AS begun (endpoint_id, partition, epoch, number, tries)
      JOIN ${schema}.partitions AS owned
        ON owned.endpoint_id = begun.endpoint_id AND owned.partition = begun.partition
          AND owned.owner = note_starts.dispatcher_id AND owned.epoch = begun.epoch
      ON CONFLICT (number) DO UPDATE SET
        crashes = CASE
          WHEN known.tries <> excluded.tries THEN 0
          WHEN ${isOther} THEN known.crashes + 1
          ELSE known.crashes
        END,
        dispatcher_id = CASE
          WHEN known.tries <> excluded.tries OR known.number = ANY (note_starts.alone)
            OR (known.crashes = 0 AND NOT ${isOther}) THEN excluded.dispatcher_id
        END,
        tries = excluded.tries
      RETURNING known.number, known.crashes;
    END $$;
  `
}

/** Notes starts, see {@link noteStartsFunction}. */
export function prepareNoteStarts({
  database: { schema, query },
}: LedgerContext): (
  dispatcherId: string,
  starts: readonly AttemptStart[],
  ends: readonly AttemptEnd[],
) => Promise<(number | 'lost')[]> {
  const text = `SELECT * FROM ${schema}.note_starts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
  return async (dispatcherId, starts, ends) => {
    const rows = await query(text, [
      dispatcherId,
      starts.map(({ endpointId }) => endpointId),
      starts.map(({ partition }) => partition),
      starts.map(({ epoch }) => epoch),
      starts.map(({ number }) => number),
      starts.map(({ tries }) => tries),
      ends.map(({ number }) => number),
      ends.map(({ dispatcherId: begunBy }) => begunBy),
      ends.map(({ isSettled }) => isSettled),
      starts.filter(({ isAlone }) => isAlone).map(({ number }) => number),
    ])
    const crashes = new Map(rows.map((row) => [Number(row['number']), Number(row['crashes'])]))
    return starts.map(({ number }) => crashes.get(number) ?? 'lost')
  }
}
