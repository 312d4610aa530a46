import type { Outbox, ReadDelivery } from '@taskhook/outbox'
import type { AttemptResult } from '../attempt/attempt-result.ts'
import { logNotices, type LoggerLike } from './log-messages.ts'
import type { Notice, NoticeSource } from './notice.ts'
import { loadOpenTelemetry } from './open-telemetry.ts'
import { createOutboxNotices } from './outbox-notices.ts'
import { createTelemetry, type TracedAttempt } from './telemetry.ts'
import { watchStart } from './watch-start.ts'
import { warnOperators } from './warn-operators.ts'

/** Tells operators what a sender does, see {@link observeSender}. */
export interface SenderObserver {
  /** The span that is active, for the record of a delivery. */
  captureContext(): string | undefined
  traceAttempt(delivery: ReadDelivery, attempt: TracedAttempt): Promise<AttemptResult>
  /** So many endpoints are enabled from now on. */
  noteEndpoints(count: number): void
  /** An event was sent. */
  noteSent(): void
  noteStarted(): void
  end(): Promise<void>
}

/** What {@link observeSender} needs. */
export interface SenderObserverOptions {
  outbox: Pick<Outbox, 'id' | 'endpoints'>
  /** Without one, what an operator must act on is a process warning. */
  logger: LoggerLike | undefined
  /** How many endpoints are enabled. */
  endpointCount: number
  /** Milliseconds since 1970. */
  now: () => number
}

/** Log lines or process warnings, and OpenTelemetry if the application has it, of one sender alone. */
export async function observeSender({
  outbox,
  logger,
  endpointCount,
  now,
}: SenderObserverOptions): Promise<SenderObserver> {
  const ownListeners = new Set<(notice: Notice) => void>()
  const fromOutbox = createOutboxNotices({ outboxId: outbox.id, now })
  const subscribe: NoticeSource = (listener) => {
    ownListeners.add(listener)
    const end = fromOutbox(listener)
    return () => {
      ownListeners.delete(listener)
      end()
    }
  }
  const tell = (notice: Notice): void => {
    for (const listener of ownListeners) listener(notice)
  }

  const telemetry = createTelemetry({
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
    subscribe((notice) => telemetry.count(notice)),
    logger === undefined ? warnOperators(subscribe) : logNotices(logger, subscribe),
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
    noteSent: () => start.noteSent(),
    noteStarted: () => start.noteStarted(),
    async end() {
      await start.end()
      telemetry.end()
      for (const end of ends) end()
    },
  }
}
