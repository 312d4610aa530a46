import type { SettleAnswer, Settlement } from '../../ledger.ts'
import { heldWaitInMs } from '../../records/held.ts'
import { encodeAttempt } from '../../records/attempt-record.ts'
import { prepareArrays } from '../array-rows.ts'
import type { Context } from '../context.ts'
import type { OutcomeTimes } from '../outcome-times.ts'

/** What a settlement writes into the row: by position, see the statements. */
interface Written {
  now: number
  readyAt: number | null
  wait: number | null
}

/** Writes down attempts and what their deliveries become, for the owner of their partitions. */
export function prepareSettle(
  { database, endpoints, versions, now }: Context,
  outcomes: OutcomeTimes,
): (dispatcherId: string, settlements: readonly Settlement[]) => SettleAnswer[] {
  // All of an endpoint at once: the settlements of a commit are of most of its partitions.
  const readEpochs = prepareArrays(
    database,
    'SELECT partition, epoch FROM taskhook_partitions WHERE endpoint = ? AND owner = ?',
  )
  // Nearly always the first attempt of a delivery is its last one: one statement, and nothing is read before.
  const settleFirst = database.prepare(`
    UPDATE taskhook_deliveries
    SET state = ?, ready_at = ?, wait_in_ms = ?, settled_at = ?, last_status = ?, last_error_code = ?, first_attempt = ?,
      tries = 1, attempt_count = 1
    WHERE number = ? AND endpoint = ? AND partition = ? AND state = 'pending' AND attempt_count = 0 AND tries = ?
  `)
  const find = database.prepare(`
    SELECT state, attempt_count AS attemptCount FROM taskhook_deliveries
    WHERE number = ? AND endpoint = ? AND partition = ? AND tries = ? AND state IN ('pending', 'canceled')
  `)
  const settleLater = database.prepare(`
    UPDATE taskhook_deliveries
    SET state = ?, ready_at = ?, wait_in_ms = ?, settled_at = coalesce(?, settled_at), last_status = ?, last_error_code = ?,
      first_attempt = coalesce(first_attempt, ?), tries = tries + 1, attempt_count = attempt_count + 1
    WHERE number = ?
  `)
  const insertAttempt = database.prepare(
    'INSERT INTO taskhook_attempts (delivery, number, attempt) VALUES (?, ?, ?)',
  )
  const pauseGone = database.prepare(`
    UPDATE taskhook_endpoints SET paused_reason = 'gone', paused_at = ? WHERE number = ? AND paused_reason IS NULL
  `)

  function write(endpoint: number, settlement: Settlement, at: Written): SettleAnswer {
    const { number, partition, tries, state, attempt } = settlement
    const [status, errorCode] = [attempt.status ?? null, attempt.errorCode ?? null]
    const settledAt = at.readyAt === null ? at.now : null
    const nextAttemptAt = state === 'pending' && at.readyAt !== null ? at.readyAt : undefined
    const json = encodeAttempt(attempt, at.now, nextAttemptAt)
    const stored = state === 'held' ? 'pending' : state
    const { readyAt, wait } = at
    const isFirst =
      settleFirst.run(
        stored,
        readyAt,
        wait,
        settledAt,
        status,
        errorCode,
        json,
        number,
        endpoint,
        partition,
        tries,
      ).changes === 1
    if (isFirst) return state

    const row = find.get(number, endpoint, partition, tries)
    if (row === undefined) return 'lost'
    const attemptNumber = Number(row['attemptCount']) + 1
    const staysCanceled = row['state'] === 'canceled' && state !== 'delivered'
    const becomes = staysCanceled ? 'canceled' : state
    const kept = staysCanceled ? encodeAttempt(attempt, at.now) : json
    if (staysCanceled) settleLater.run(becomes, null, null, null, status, errorCode, kept, number)
    else settleLater.run(stored, readyAt, wait, settledAt, status, errorCode, json, number)
    if (attemptNumber > 1) insertAttempt.run(number, attemptNumber, kept)
    return becomes
  }

  return (dispatcherId, settlements) => {
    const settledAt = now()
    const epochs = new Map<number, Map<unknown, unknown>>()

    return settlements.map((settlement) => {
      const { endpointId, partition, epoch, state, retryInMs = 0, attempt } = settlement
      const endpoint = endpoints.find(endpointId)
      if (endpoint === undefined) return 'lost'
      let ofEndpoint = epochs.get(endpoint)
      if (ofEndpoint === undefined) {
        ofEndpoint = new Map(readEpochs(endpoint, dispatcherId).map(([place, current]) => [place, current]))
        epochs.set(endpoint, ofEndpoint)
      }
      if (ofEndpoint.get(partition) !== epoch) return 'lost'

      const wait = toWait(state, retryInMs)
      const readyAt = wait === null ? null : settledAt + wait
      const answer = write(endpoint, settlement, { now: settledAt, readyAt, wait })
      if (answer === 'lost') return answer
      outcomes.note(endpoint, attempt.outcome === 'delivered', settledAt)
      if (attempt.outcome === 'gone') {
        pauseGone.run(settledAt, endpoint)
        versions.raiseRevision(endpoint)
      }
      return answer
    })
  }
}

function toWait(state: Settlement['state'], retryInMs: number): number | null {
  if (state === 'held') return heldWaitInMs
  return state === 'pending' ? Math.ceil(Math.max(0, retryInMs)) : null
}
