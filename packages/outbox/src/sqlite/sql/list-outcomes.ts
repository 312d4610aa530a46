import type { OutcomeRecord } from '../../ledger.ts'
import { minuteOf } from '../../records/outcome-minutes.ts'
import { toOutcomeRecord } from '../../records/outcome-record.ts'
import type { Context } from '../context.ts'

/** How attempts ended, by endpoint and minute. */
export function prepareListOutcomes({ database }: Context): (from: number) => OutcomeRecord[] {
  const list = database.prepare(`
    SELECT endpoint.id AS endpointId, minute, delivered, failed
    FROM taskhook_outcomes AS outcome JOIN taskhook_endpoints AS endpoint ON endpoint.number = outcome.endpoint
    WHERE minute >= ? ORDER BY minute, endpoint.id
  `)
  return (from) => list.all(minuteOf(from)).map(toOutcomeRecord)
}
