import { eventTypes, isEventType } from '@taskhook/core'
import { compareTasks } from './compare-tasks.ts'
import { badRequestRow, eventHeader, eventRow, heading, repeatRow, totalRow } from './report.ts'
import { runBadRequests } from './run-bad-requests.ts'
import { runLifecycles } from './run-lifecycles.ts'
import { runRepeat } from './run-repeat.ts'
import { startServices, type ServicesOptions } from './start-services.ts'

/** What a demo is run with. */
export interface DemoOptions extends ServicesOptions {
  print: (line: string) => void
}

/** Runs the demo from start to end. Resolves to the exit code: 0 only when everything was as it should be. */
export async function runDemo({ print, ...options }: DemoOptions): Promise<0 | 1> {
  const startedAt = performance.now()
  await using services = await startServices(options)
  const { automation, receivers } = services
  print(heading('taskhook: from a change of a task to a verified event'))
  print(`  automation service  ${automation.url}`)
  for (const { name, url } of receivers) print(`  ${`receiver ${name}`.padEnd(18)}  ${url}`)

  print(heading('Events'))
  print(eventHeader())
  const events = []
  for await (const result of runLifecycles(services)) {
    print(eventRow(result))
    events.push(result)
  }
  const taskIds = [...new Set(events.map(({ taskId }) => taskId))]
  const comparisons = await compareTasks(services, taskIds)

  print(heading('Requests that no handler may see'))
  const refusals = []
  for await (const result of runBadRequests(services)) {
    print(badRequestRow(result))
    refusals.push(result)
  }
  const repeats = []
  for await (const result of runRepeat(services, taskIds[0] as string)) {
    print(repeatRow(result))
    repeats.push(result)
  }

  const typesSeen = new Set(events.filter(({ passed }) => passed).map(({ eventType }) => eventType))
  // Beside the events, each receiver has handled the delivery that was repeated and the one after it.
  const handlerRuns = receivers.map(
    ({ process }) => process.lines.filter(({ text }) => isEventType(text.split(' ')[0])).length,
  )
  const expectedRuns = events.length / receivers.length + 2
  const totals = [
    count(events, 'events arrived verified, and the task was fetched in its new state'),
    {
      passed: typesSeen.size === eventTypes.length,
      text: `${typesSeen.size} of ${eventTypes.length} event types seen`,
    },
    ...comparisons.map(({ passed, receiver, equal, total }) => ({
      passed,
      text: `${equal} of ${total} tasks are the same at ${receiver} as in the automation service`,
    })),
    count(refusals, 'bad requests were refused, each with the code it should have'),
    count(repeats, 'repeats were acknowledged without running the handler again'),
    {
      passed: handlerRuns.every((runs) => runs === expectedRuns),
      text: `${handlerRuns.join(' and ')} runs of the handlers, ${expectedRuns} expected`,
    },
  ]
  print(heading('Totals'))
  for (const { passed, text } of totals) print(totalRow(passed, text))
  print(`\n  ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return totals.every(({ passed }) => passed) ? 0 : 1
}

function count(results: readonly { passed: boolean }[], text: string): { passed: boolean; text: string } {
  const good = results.filter(({ passed }) => passed).length
  return { passed: good === results.length, text: `${good} of ${results.length} ${text}` }
}
