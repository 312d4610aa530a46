import type { BadRequestResult } from '../acts/run-bad-requests.ts'
import type { EventResult } from '../acts/run-lifecycles.ts'
import type { RepeatResult } from '../acts/run-repeat.ts'
import { headerRow, milliseconds, row, timeOfDay, verdict } from './table.ts'

const eventWidths = [12, 23, 8, 8, 8, 8]
const requestWidths = [15, 39, 8]

export function eventHeader(): string {
  const names = ['time', 'event', 'task', 'receiver', 'verified', 'state', '  latency']
  return headerRow(names, eventWidths)
}

export function eventRow(result: EventResult): string {
  const { eventType, taskId, receiver, endedAt, handled, failure = '', passed } = result
  const time = timeOfDay(performance.timeOrigin + endedAt)
  const outcome = handled
    ? [verdict(true, 'yes'), verdict(passed, handled.state), milliseconds(handled.latencyInMs)]
    : [verdict(false, 'no'), '-', failure]
  return row([time, eventType, taskId.slice(0, 8), receiver, ...outcome], eventWidths)
}

export function badRequestRow({ request, receiver, answer, passed }: BadRequestResult): string {
  const { name, description } = request
  const { status, code = 'accepted' } = answer
  return row([name, description, receiver, verdict(passed, `${status} ${code}`)], requestWidths)
}

export function repeatRow({ receiver, answer, handlerRuns, passed }: RepeatResult): string {
  const outcome = `${answer.status}, the handler ran ${handlerRuns === 1 ? 'once' : `${handlerRuns} times`}`
  return row(['repeated', 'one delivery sent twice', receiver, verdict(passed, outcome)], requestWidths)
}
