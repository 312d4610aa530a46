import type { Attempt, Endpoint } from '../services/operator-client.ts'
import type { CrashAtReceiver, CrashResult } from '../acts/run-crash.ts'
import type { OutageDelivery } from '../acts/run-outage.ts'
import type { ReceiverCrashResult } from '../acts/run-receiver-crash.ts'
import type { Finding } from './promise.ts'
import { headerRow, milliseconds, row, seconds, timeOfDay, verdict } from './table.ts'

const deliveryWidths = [23, 8, 8, 9]
const attemptWidths = [7, 12, 9, 18, 9]
const labelWidths = [36]

export function deliveryHeader(): string {
  return headerRow(['event', 'task', 'receiver', 'state', 'last attempt'], deliveryWidths)
}

export function deliveryRow(result: OutageDelivery): string {
  const { eventType, taskId, receiver, delivery, lastAttempt, passed } = result
  const state = verdict(passed, delivery?.state ?? 'lost')
  return row([eventType, taskId.slice(0, 8), receiver, state, describe(lastAttempt)], deliveryWidths)
}

function describe(attempt: Attempt | undefined): string {
  if (attempt === undefined) return 'none, it waits for the event before it'
  if (attempt.nextAttemptAt === undefined) return codeOf(attempt)
  return `${codeOf(attempt)}, the next at ${timeOfDay(attempt.nextAttemptAt)}`
}

export function endpointRow({ id, pending, oldestPendingAgeInMs, circuit }: Endpoint): string {
  const age = oldestPendingAgeInMs === undefined ? '' : `, the oldest for ${seconds(oldestPendingAgeInMs)}`
  return row([`waiting for ${id}`, `${pending}${age}; circuit ${circuit.state}`], labelWidths)
}

export function crashRows(result: CrashResult): string[] {
  const { changes, answered, unanswered, downForInMs, receivers } = result
  return [
    ['changes answered before the kill', `${answered} of ${changes}`],
    ['committed, the answer cut off', String(unanswered)],
    ...receivers.map(({ receiver, runsBefore }) => [`handled by ${receiver} by then`, String(runsBefore)]),
    ['going on after', seconds(downForInMs)],
    ...receivers.map((at) => [`handled by ${at.receiver} in the end`, handledInTheEnd(at)]),
  ].map((cells) => row(cells, labelWidths))
}

function handledInTheEnd({ runs, repeats }: CrashAtReceiver): string {
  return repeats === 0 ? `${runs}, none twice` : `${runs}, ${repeats} of them for the second time`
}

export function crashFindings({
  changes,
  answered,
  lost,
  deliveries,
  receivers,
  taskIds,
}: CrashResult): Finding[] {
  const expected = (taskIds.length + changes) * receivers.length
  return [
    {
      promise: 'durable',
      passed: lost === 0,
      text: `${lost} of ${answered} answered changes were lost in the kill of the automation service`,
    },
    {
      promise: 'durable',
      passed: deliveries === expected,
      text: `${deliveries} of ${expected} deliveries of the burst were delivered in the end`,
    },
    ...receivers.map(({ receiver, tasksInOrder }): Finding => {
      const text = `${tasksInOrder} of ${taskIds.length} tasks of the burst arrived complete and in order at ${receiver}`
      return { promise: 'ordered', passed: tasksInOrder === taskIds.length, text }
    }),
  ]
}

export function receiverCrashRows(result: ReceiverCrashResult): string[] {
  const { receiver, events, runsBefore, runs, downForInMs } = result
  return [
    [`handled by ${receiver} before the kill`, `${runsBefore} of ${events}`],
    ['listening again after', seconds(downForInMs)],
    [`handled by ${receiver} in the end`, `${runs}; one that was under way is handled again`],
  ].map((cells) => row(cells, labelWidths))
}

export function receiverCrashFindings(result: ReceiverCrashResult): Finding[] {
  const { receiver, taskIds, events, lost, twice, tasksInOrder } = result
  return [
    {
      promise: 'durable',
      passed: lost === 0,
      text: `${lost} of ${events} webhooks were lost in the kill of ${receiver}`,
    },
    {
      promise: 'once',
      passed: twice === 0,
      text: `${twice} of ${events} webhooks had their effects twice after the kill of ${receiver}`,
    },
    {
      promise: 'ordered',
      passed: tasksInOrder === taskIds.length,
      text: `${tasksInOrder} of ${taskIds.length} tasks had their effects in order at ${receiver}`,
    },
  ]
}

export function attemptHeader(): string {
  return headerRow(
    ['attempt', 'time', 'outcome', 'status or error', ' duration', 'next attempt'],
    attemptWidths,
  )
}

export function attemptRow(attempt: Attempt): string {
  const { number, startedAt, outcome, durationInMs, nextAttemptAt } = attempt
  const next = nextAttemptAt === undefined ? '-' : timeOfDay(nextAttemptAt)
  return row(
    [String(number), timeOfDay(startedAt), outcome, codeOf(attempt), milliseconds(durationInMs), next],
    attemptWidths,
  )
}

function codeOf({ status, errorCode }: Attempt): string {
  return errorCode ?? String(status)
}
