import { minuteOf, type OutcomeRecord, toOutcomeRecord } from '@taskhook/outbox/ledger'
import type { LedgerContext } from '../ledger-context.ts'

/** How attempts ended, by endpoint and minute. */
export function prepareListOutcomes({
  database: { schema, query },
}: LedgerContext): (from: number) => Promise<OutcomeRecord[]> {
  const text = `
    SELECT endpoint_id AS "endpointId", minute, delivered, failed FROM ${schema}.outcomes
    WHERE minute >= $1 ORDER BY minute, endpoint_id
  `
  return async (from) => (await query(text, [minuteOf(from)])).map(toOutcomeRecord)
}
