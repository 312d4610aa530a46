import { eventTypes } from '@taskhook/core'
import { compareTasks } from './compare-tasks.ts'
import { handledEvents } from '../services/handled-event.ts'
import { badRequestRow, eventHeader, eventRow, repeatRow } from '../print/report-verification.ts'
import { runBadRequests } from './run-bad-requests.ts'
import { runLifecycles } from './run-lifecycles.ts'
import { runRepeat } from './run-repeat.ts'
import type { Services } from '../services/start-services.ts'
import { countTotal, heading, type Print, type Total } from '../print/table.ts'

/** The first act: all ten events from the change to the handler, and what no handler may see. */
export async function showVerification(services: Services, print: Print): Promise<Total[]> {
  const { receivers } = services
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
  const handlerRuns = receivers.map(({ process }) => handledEvents(process.lines).length)
  const expectedRuns = events.length / receivers.length + 2
  return [
    countTotal(events, 'events arrived verified, and the task was fetched in its new state'),
    {
      passed: typesSeen.size === eventTypes.length,
      text: `${typesSeen.size} of ${eventTypes.length} event types seen`,
    },
    ...comparisons,
    countTotal(refusals, 'bad requests were refused, each with the code it should have'),
    countTotal(repeats, 'repeats were acknowledged without running the handler again'),
    {
      passed: handlerRuns.every((runs) => runs === expectedRuns),
      text: `${handlerRuns.join(' and ')} runs of the handlers, ${expectedRuns} expected`,
    },
  ]
}
