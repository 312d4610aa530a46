import type { ObservedAttempt, OrderProblem, SentEvent } from './ordering-vector.ts'

/**
 * Finds what is wrong with the attempts that a receiver saw. The promise for one task: an event is attempted only when
 * every earlier event was accepted (2xx) or given up. So only the newest event is repeated, and no two attempts
 * overlap. Between tasks there is no order.
 *
 * @param sent In the order accepted.
 * @param attempts In the order in which they began.
 */
export function judgeOrder(sent: readonly SentEvent[], attempts: readonly ObservedAttempt[]): OrderProblem[] {
  const problems: OrderProblem[] = []
  const known = new Map(sent.map((event, index) => [event.delivery, { ...event, index }]))
  const lines = Map.groupBy(sent, ({ task }) => task)

  for (const [place, attempt] of attempts.entries()) {
    const { delivery } = attempt
    const event = known.get(delivery)
    if (event === undefined) {
      problems.push({ delivery, problem: 'unknown' })
      continue
    }
    const before = attempts.slice(0, place)
    const ofTask = before.filter((other) => known.get(other.delivery)?.task === event.task)
    const line = lines.get(event.task) ?? []
    const earlier = line.slice(
      0,
      line.findIndex((one) => one.delivery === delivery),
    )
    const isEarly = earlier.some(
      (one) => one.givenUp !== true && !isTaken(one.delivery, before, attempt.from),
    )
    const isLate = ofTask.some((other) => (known.get(other.delivery)?.index ?? 0) > event.index)
    if (isEarly || isLate) problems.push({ delivery, problem: 'overtaken' })
    else if (ofTask.some((other) => other.to > attempt.from)) {
      problems.push({ delivery, problem: 'overlapping' })
    }
  }
  for (const { delivery, givenUp } of sent) {
    if (givenUp !== true && !isTaken(delivery, attempts, Number.POSITIVE_INFINITY)) {
      problems.push({ delivery, problem: 'lost' })
    }
  }
  return problems
}

function isTaken(delivery: string, attempts: readonly ObservedAttempt[], at: number): boolean {
  return attempts.some(
    (one) =>
      one.delivery === delivery &&
      one.to <= at &&
      one.status !== null &&
      one.status >= 200 &&
      one.status < 300,
  )
}
