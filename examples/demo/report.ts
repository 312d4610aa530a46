import { stripVTControlCharacters, styleText } from 'node:util'
import type { BadRequestResult } from './run-bad-requests.ts'
import type { EventResult } from './run-lifecycles.ts'
import type { RepeatResult } from './run-repeat.ts'

// styleText leaves out the colours where standard output is no terminal, or NO_COLOR is set.

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

const eventWidths = [12, 23, 8, 8, 8, 8]
const requestWidths = [15, 39, 8]

export function heading(text: string): string {
  return `\n${styleText('bold', text)}\n`
}

export function eventHeader(): string {
  const names = ['time', 'event', 'task', 'receiver', 'verified', 'state', ' latency']
  return styleText('dim', row(names, eventWidths))
}

export function eventRow(result: EventResult): string {
  const { eventType, taskId, receiver, endedAt, handled, passed, attempt } = result
  const time = clock.format(performance.timeOrigin + endedAt)
  const outcome = handled
    ? [
        verdict(true, 'yes'),
        verdict(passed, handled.state),
        `${handled.latencyInMs.toFixed(1)} ms`.padStart(8),
      ]
    : [verdict(false, 'no'), '-', attempt]
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

export function totalRow(passed: boolean, text: string): string {
  return `  ${verdict(passed, passed ? '✓' : '✗')} ${text}`
}

function verdict(passed: boolean, text: string): string {
  return styleText(passed ? 'green' : 'red', text)
}

function row(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const missing = (widths[index] ?? 0) - stripVTControlCharacters(cell).length
    return cell + ' '.repeat(Math.max(0, missing))
  })
  return `  ${padded.join('  ')}`
}
