import type { Membership } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/**
 * One heartbeat. The answer is there also for a dispatcher that is not registered. The beat rises by a random number: after a failover
 * that lost the last beats, steps of one would give the same beats again, and those who had seen them would see them stand still.
 */
export function prepareBeat({
  database: { schema, query },
  now,
}: LedgerContext): (dispatcherId: string) => Promise<Membership> {
  const text = `
    WITH beaten AS (
      UPDATE ${schema}.beats SET beat = beat + 1 + (random() * 1000000)::integer WHERE dispatcher_id = $1 RETURNING dispatcher_id, beat
    ), beats AS (
      SELECT dispatcher_id AS id, coalesce(beaten.beat, known.beat) AS beat
      FROM ${schema}.beats AS known LEFT JOIN beaten USING (dispatcher_id)
    )
    SELECT generation, revision, ${schema}.time_in_ms($2) AS now, EXISTS (SELECT FROM beaten) AS is_member,
      ARRAY(SELECT id FROM beats ORDER BY id) AS ids, ARRAY(SELECT beat::text FROM beats ORDER BY id) AS beats
    FROM ${schema}.versions
  `
  return async (dispatcherId) => {
    const [row] = await query(text, [dispatcherId, now()])
    const [ids, beats] = [row?.['ids'], row?.['beats']] as [string[], string[]]
    return {
      isMember: row?.['is_member'] === true,
      beats: ids.map((id, index) => ({ id, beat: Number(beats[index]) })),
      now: Number(row?.['now']),
      generation: Number(row?.['generation']),
      revision: Number(row?.['revision']),
    }
  }
}
