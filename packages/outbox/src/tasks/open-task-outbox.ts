import { checkOptions } from '@taskhook/core'
import { createOutbox, type OutboxOptions } from '../create-outbox.ts'
import type { Ledger } from '../ledger.ts'
import { openLedgerOf } from '../open-ledger.ts'
import type { Outbox } from '../outbox.ts'
import { observeTasks, type TaskObserver, type TaskObserverOptions } from './observe/observe-tasks.ts'

/** What {@link openTaskOutbox} needs. */
export interface TaskOutboxOptions<T>
  extends
    Omit<OutboxOptions<T>, 'ledger' | 'clock' | 'random'>,
    Pick<TaskObserverOptions, 'wording' | 'instrumentation' | 'logger' | 'now'> {
  /** `sqlite:<file>`, `postgres://…`, or a ledger, which is not closed with the outbox. */
  store: string | Ledger<T>
  /** Ends what else there is, once nothing is attempted any more. */
  endRest?: () => Promise<unknown>
}

/** An outbox whose operators are told what becomes of it, and the calls of its life as a sender and an inbox have them. */
export interface TaskOutbox<T> {
  outbox: Outbox<T>
  observer: TaskObserver
  readonly isStopping: () => boolean
  life: {
    start(): Promise<void>
    stop(options?: { timeoutInMs?: number }): Promise<void>
    idle(options?: { timeoutInMs?: number }): Promise<void>
    [Symbol.asyncDispose](): Promise<void>
  }
}

/** Opens a store and makes an outbox on it that is observed. What was opened is closed again when that fails. */
export async function openTaskOutbox<T>({
  store,
  endRest,
  wording,
  instrumentation,
  logger,
  now,
  ...outboxOptions
}: TaskOutboxOptions<T>): Promise<TaskOutbox<T>> {
  const ledger =
    typeof store === 'string'
      ? ((await openLedgerOf(wording.storeOption, store, { now })) as Ledger<T>)
      : store
  const closeLedger = async (): Promise<void> => {
    if (typeof store === 'string') await ledger.close()
  }
  const { outbox, observer } = await observe().catch(async (error: unknown) => {
    await closeLedger()
    throw error
  })
  let stopping: Promise<void> | undefined

  async function observe(): Promise<Pick<TaskOutbox<T>, 'outbox' | 'observer'>> {
    const made = createOutbox<T>({ ledger, ...outboxOptions })
    const endpointCount = outboxOptions.endpoints?.length ?? 0
    const options = { wording, instrumentation, logger, now, outbox: made, endpointCount }
    return { outbox: made, observer: await observeTasks(options) }
  }

  async function end(outboxEnded: Promise<void>): Promise<void> {
    await outboxEnded
    await endRest?.()
    await observer.end()
    await closeLedger()
  }

  return {
    outbox,
    observer,
    isStopping: () => stopping !== undefined,
    life: {
      async start() {
        await outbox.start()
        observer.noteStarted()
      },
      async stop(options = {}) {
        checkOptions<{ timeoutInMs?: number }>(options, { timeoutInMs: true })
        // Each call is checked by the outbox, and what it refuses is refused before anything has begun to end.
        const outboxEnded = outbox.stop(options)
        await (stopping ??= end(outboxEnded))
      },
      idle: (options) => outbox.idle(options),
      [Symbol.asyncDispose]: () => (stopping ??= end(outbox.stop())),
    },
  }
}
