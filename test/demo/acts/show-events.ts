import { eventTypes } from '@taskhook/core'
import { countFinding, type Finding } from '../print/promise.ts'
import { eventHeader, eventRow } from '../print/report-verification.ts'
import type { Stage } from '../print/stage.ts'
import type { Services } from '../services/start-services.ts'
import { compareTasks } from './compare-tasks.ts'
import { runLifecycles, type EventResult } from './run-lifecycles.ts'

/** What came of the first act. */
export interface EventsShown {
  findings: readonly Finding[]
  taskIds: readonly string[]
  /** How many events each receiver was sent. */
  eventCount: number
}

/** Shows all ten events, each from the change of a task to the handler. */
export async function showEvents(services: Services, stage: Stage): Promise<EventsShown> {
  stage.beginAct(
    'a task changes, and its receivers know',
    'The automation service announces each change of a task with one small signed POST. Each receiver verifies it, stores it',
    'and answers 202. Then its handler fetches the full task. The latency is from the request for the change to that task.',
  )
  stage.print(eventHeader())
  const events: EventResult[] = []
  for await (const result of runLifecycles(services)) {
    stage.print(eventRow(result))
    events.push(result)
  }
  const taskIds = [...new Set(events.map(({ taskId }) => taskId))]
  const typesSeen = new Set(events.filter(({ passed }) => passed).map(({ eventType }) => eventType))
  return {
    taskIds,
    eventCount: events.length / services.receivers.length,
    findings: [
      countFinding('arrival', events, 'events arrived verified, and the task was fetched in its new state'),
      {
        promise: 'arrival',
        passed: typesSeen.size === eventTypes.length,
        text: `${typesSeen.size} of ${eventTypes.length} event types were seen`,
      },
      ...(await compareTasks(services, taskIds)),
    ],
  }
}
