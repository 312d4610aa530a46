import type { TaskEvent, VerifiedWebhook, VerifierOptions } from '@taskhook/core'
import type { Ledger } from '@taskhook/outbox'
import type { LoggerLike } from '@taskhook/outbox/tasks'
import type { InboxHandler } from './inbox.ts'

/** Options of {@link createInbox}. Only `handler` must be given. */
export interface InboxOptions<T = unknown, E = TaskEvent> {
  /**
   * Where webhooks are kept: `sqlite:<file>`, for any number of processes of one machine; `postgres://…`, for any number of machines; or a
   * ledger, which is not closed with the inbox. Default `sqlite:taskhook-inbox.db`, a file in the working directory.
   */
  store?: string | Ledger<T> | undefined
  /** Handles one webhook. */
  handler: InboxHandler<E, T>
  /**
   * Whether each call of the handler gets a transaction of the store's database. What the handler writes through
   * `context.transaction` and the fact that the webhook is handled are one commit, so its effects happen exactly once.
   * Default false.
   *
   * On SQLite there is one transaction at a time: from the first time that the handler reads `transaction` until its
   * end. On PostgreSQL each transaction keeps a connection of the pool.
   */
  transaction?: boolean | undefined
  /** The schema that the receiver was given, if it was: a stored webhook's event is read by it again. Default `taskEventSchema`. */
  schema?: VerifierOptions<E>['schema']
  /**
   * The wait before each call of the handler, in milliseconds, also before the first. There are as many calls as waits.
   * The jitter is 20 %. Default: 0, then 1 s, 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h and 24 h.
   */
  retryScheduleInMs?: readonly number[] | undefined
  /** How many handlers may run at once in this process, each of another task. Default 10. */
  maxConcurrency?: number | undefined
  /**
   * How long a handler may take, in milliseconds. Then its signal is aborted, its result no longer counts, and it is
   * called again later. Default 60 000.
   */
  handlerTimeoutInMs?: number | undefined
  /**
   * What happens when the last call of the schedule has failed. `continue`: the webhook is `exhausted`, and the next one of its task is handled.
   * `hold`: it is `held`, and its task waits until it is resent or canceled; other tasks go on. Default `continue`.
   */
  whenExhausted?: 'continue' | 'hold' | undefined
  /**
   * How often in a row a webhook may bring the process down, before it is given up with the error code `handler_crashed`: `exhausted`, or `held`.
   * After the first time it is handled alone, so that its neighbours are not taken for it. Default 3.
   */
  crashLimit?: number | undefined
  /**
   * The id of a webhook that has no signed one, since its sender has only `X-Signature`: a second one with the same id is a repeat. Make it of what
   * the signature covers, which is the body alone. It is a string that is not empty, or `undefined`; what else it gives, a promise for
   * instance, fails `accept` with an OptionError. Default: each is accepted.
   */
  idOf?: ((webhook: VerifiedWebhook<E>) => string | undefined) | undefined
  /**
   * Returns the task of a webhook whose event has no `taskId`. Webhooks of one task are handled one at a time, in the
   * order accepted. Default: the event's `taskId`, or else the `taskId` or the `orderId` of the body.
   */
  taskIdOf?: ((webhook: VerifiedWebhook<E>) => string) | undefined
  /** Tells several inboxes in one store apart. Default `inbox`. */
  id?: string | undefined
  /**
   * How long a webhook that was handled is kept, in milliseconds, and so how long a repeat is known. Longer than its sender tries again.
   * Default 14 days.
   */
  retentionInMs?: number | undefined
  /**
   * How long a process may be silent before others take over what it was to handle, in milliseconds. Default 15 000.
   */
  leaseInMs?: number | undefined
  /**
   * Told what becomes of webhooks; a pino logger fits. Default: what an operator must act on is a process warning, and nothing else is
   * said.
   */
  logger?: LoggerLike | undefined
  /** The clock of a store on SQLite, in milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined
}
