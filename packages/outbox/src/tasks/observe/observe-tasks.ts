import type { ReadDelivery } from '../../ledger.ts'
import type { Outbox } from '../../outbox.ts'
import { logNotices, type LoggerLike } from './log-messages.ts'
import type { Notice, NoticeSource, ReportedResult } from './notice.ts'
import { loadOpenTelemetry } from './open-telemetry.ts'
import { createOutboxNotices } from './outbox-notices.ts'
import { createTelemetry } from './telemetry.ts'
import type { Instrumentation, TracedAttempt } from './traced-attempt.ts'
import { watchStart } from './watch-start.ts'
import { warnOperators } from './warn-operators.ts'
import type { Wording } from './wording.ts'

/** As much of a delivery as its span says, and in which span it was accepted. */
type ObservedDelivery = Pick<ReadDelivery, 'id' | 'endpointId' | 'orderingKey' | 'type' | 'tries'> & {
  context?: string | undefined
}

/** Reports to operators what happens to the deliveries of an outbox: log lines, warnings, metrics and spans. */
export interface TaskObserver {
  /** The span that is active, for the record of a delivery. */
  captureContext(): string | undefined
  /** Makes an attempt within a span of its own. */
  traceAttempt<R extends ReportedResult>(delivery: ObservedDelivery, attempt: TracedAttempt<R>): Promise<R>
  /** So many endpoints are enabled from now on. */
  noteEndpoints(count: number): void
  /** An event was accepted. */
  noteAccepted(): void
  noteStarted(): void
  end(): Promise<void>
}

/** What a {@link TaskObserver} is made from. */
export interface TaskObserverOptions {
  wording: Wording
  instrumentation: Instrumentation
  outbox: Pick<Outbox, 'id' | 'endpoints'>
  /** Without one, what an operator must act on is a process warning. */
  logger: LoggerLike | undefined
  /** How many endpoints are enabled. */
  endpointCount: number
  /** Milliseconds since 1970. */
  now: () => number
}

/** Log lines or process warnings, and OpenTelemetry if the application has it, of one outbox alone. */
export async function observeTasks({
  wording,
  instrumentation,
  outbox,
  logger,
  endpointCount,
  now,
}: TaskObserverOptions): Promise<TaskObserver> {
  const listeners = new Set<(notice: Notice) => void>()
  const subscribe: NoticeSource = (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const tell = (notice: Notice): void => {
    for (const listener of listeners) listener(notice)
  }
  // Once for all of them: a message of the outbox is made a notice at each delivery.
  const endNotices = createOutboxNotices({ outboxId: outbox.id, now })(tell)

  const telemetry = createTelemetry({
    instrumentation,
    api: await loadOpenTelemetry(),
    now,
    async listEndpoints() {
      const endpoints = await outbox.endpoints.list()
      return endpoints.map(({ id, pending, oldestPendingAgeInMs }) => ({
        id,
        pending,
        oldestPendingAt: oldestPendingAgeInMs === undefined ? undefined : now() - oldestPendingAgeInMs,
      }))
    },
  })
  const ends = [
    endNotices,
    subscribe((notice) => telemetry.count(notice)),
    logger === undefined ? warnOperators(subscribe, { wording }) : logNotices(logger, subscribe, wording),
  ]
  const start = watchStart({ outbox, onNotStarted: (pending) => tell({ kind: 'not-started', pending }) })

  function noteEndpoints(count: number): void {
    if (count === 0) tell({ kind: 'nothing-enabled' })
  }
  noteEndpoints(endpointCount)

  return {
    captureContext: () => telemetry.captureContext(),
    traceAttempt: ({ id, endpointId, orderingKey, type, tries, context }, attempt) =>
      telemetry.traceAttempt(
        { id, endpointId, taskId: orderingKey, eventType: type, number: tries + 1, context },
        attempt,
      ),
    noteEndpoints,
    noteAccepted: () => start.noteAccepted(),
    noteStarted: () => start.noteStarted(),
    async end() {
      await start.end()
      telemetry.end()
      for (const end of ends) end()
    },
  }
}
