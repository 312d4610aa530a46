import { judgeOrder, type ObservedAttempt } from '@taskhook/contract'
import type { BookedDelivery } from './delivery-book.ts'
import { problem, type SenderProblem } from './sender-problem.ts'

/** One request of a run. */
export interface RunAttempt {
  delivery: BookedDelivery
  hasNewId: boolean
  body: string
  timestamp: string | undefined
  /** When it came and when it was answered, in milliseconds. */
  from: number
  to: number
  status: number
  /** What it was asked to wait. */
  retryAfterInMs?: number
}

/** A problem of a run, and the delivery that shows it. */
export type RunProblem = SenderProblem & { delivery: string }

// A timer may fire early by a little.
const slackInMs = 50

/**
 * Judges what only several requests show: order, and how a refusal is tried again.
 *
 * @param attempts In the order in which they came.
 * @param isOver Whether what was refused has had its time to come again.
 */
export function judgeRun(
  deliveries: readonly BookedDelivery[],
  attempts: readonly RunAttempt[],
  isOver: boolean,
): RunProblem[] {
  const problems = deliveries.flatMap((delivery) => {
    const own = attempts.filter((attempt) => attempt.delivery === delivery)
    const pairs = own.slice(1).map((attempt, index) => [own[index] as RunAttempt, attempt] as const)
    const found = pairs.flatMap(([before, after]) => judgeRetry(before, after))
    if (isOver && !delivery.isTaken) found.push(notRetried)
    return found.map((one) => withDelivery(one, delivery.name))
  })
  return [...problems, ...judgeOrderOf(deliveries, attempts)]
}

function withDelivery(one: SenderProblem, delivery: string): RunProblem {
  return { ...one, delivery }
}

function judgeRetry(before: RunAttempt, after: RunAttempt): SenderProblem[] {
  const problems: SenderProblem[] = []
  if (after.hasNewId) {
    problems.push(
      problem(
        'must',
        'id-changes',
        'The webhook-id is another one at the next attempt.',
        'Make the id once for each event and endpoint, and keep it: a receiver tells a repeat by it.',
      ),
    )
  }
  if (after.body !== before.body) {
    problems.push(
      problem(
        'must',
        'body-changes',
        'The body is another one at the next attempt.',
        'Keep the bytes, or write them the same way each time.',
      ),
    )
  }
  const isLater = after.from - before.from >= 2000
  if (isLater && after.timestamp !== undefined && after.timestamp === before.timestamp) {
    problems.push(
      problem(
        'must',
        'timestamp-reused',
        'The next attempt has the timestamp of the one before it.',
        'Sign each attempt anew, with its own time: after five minutes receivers refuse the old one, however often it comes.',
      ),
    )
  }
  if (before.status < 300) {
    problems.push(
      problem(
        'should',
        'sent-when-taken',
        'A delivery was sent again after a 2xx.',
        'Any 2xx is the end of a delivery: note it, and do not send it again.',
      ),
    )
  } else if (
    before.retryAfterInMs !== undefined &&
    after.from - before.to < before.retryAfterInMs - slackInMs
  ) {
    problems.push(
      problem(
        'should',
        'retry-after-ignored',
        'The next attempt came before the time in Retry-After.',
        'Wait as long as Retry-After says (RFC 9110 section 10.2.3).',
      ),
    )
  }
  return problems
}

const notRetried = problem(
  'must',
  'not-retried',
  'A delivery that was refused did not come again.',
  'Try again after any answer that is not a 2xx, with growing waits: otherwise the event is lost.',
)

const orderTexts = {
  overtaken: [
    'An event came before an earlier one of its task had been taken.',
    'Keep the events of a task in a line: the next one when the one before it got its 2xx, or was given up.',
  ],
  overlapping: [
    'Two events of one task were under way at once.',
    'Wait for the answer before the next event of the same task is sent.',
  ],
} as const

function judgeOrderOf(deliveries: readonly BookedDelivery[], attempts: readonly RunAttempt[]): RunProblem[] {
  const sent = deliveries.map(({ name, task }) => ({ delivery: name, task }))
  const observed: ObservedAttempt[] = attempts.map(({ delivery, from, to, status }) => ({
    delivery: delivery.name,
    from,
    to,
    status,
  }))
  return judgeOrder(sent, observed).flatMap(({ delivery, problem: kind }) => {
    if (kind !== 'overtaken' && kind !== 'overlapping') return []
    const [text, fix] = orderTexts[kind]
    return [{ ...problem('must', kind, text, fix), delivery }]
  })
}
