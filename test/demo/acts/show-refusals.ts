import { countFinding, type Finding } from '../print/promise.ts'
import { badRequestRow, repeatRow } from '../print/report-verification.ts'
import type { Stage } from '../print/stage.ts'
import { handledEvents } from '../services/handled-event.ts'
import type { Services } from '../services/start-services.ts'
import { runBadRequests, type BadRequestResult } from './run-bad-requests.ts'
import { runRepeat, type RepeatResult } from './run-repeat.ts'
import type { EventsShown } from './show-events.ts'

/** Shows what no handler may see: bad requests, and the repeat of a delivery. */
export async function showRefusals(
  services: Services,
  stage: Stage,
  { taskIds, eventCount }: EventsShown,
): Promise<Finding[]> {
  stage.beginAct(
    'what an attacker would send',
    'A receiver refuses each bad request, and says why with a code. It acknowledges a delivery that comes twice, and its',
    'handler runs once.',
  )
  const refusals: BadRequestResult[] = []
  for await (const result of runBadRequests(services)) {
    stage.print(badRequestRow(result))
    refusals.push(result)
  }
  const repeats: RepeatResult[] = []
  for await (const result of runRepeat(services, taskIds[0] as string)) {
    stage.print(repeatRow(result))
    repeats.push(result)
  }

  // Beside the events, each receiver has handled the delivery that was repeated and the one after it.
  const expectedRuns = eventCount + 2
  const handlerRuns = services.receivers.map(({ process }) => handledEvents(process.lines).length)
  return [
    countFinding('genuine', refusals, 'bad requests were refused, each with the code it should have'),
    {
      promise: 'genuine',
      passed: handlerRuns.every((runs) => runs === expectedRuns),
      text: `${handlerRuns.join(' and ')} runs of the handlers, ${expectedRuns} expected`,
    },
    countFinding('once', repeats, 'repeats were acknowledged without running the handler again'),
  ]
}
