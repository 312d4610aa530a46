import { inspect } from 'node:util'
import { TaskhookError, type VerifierOptions } from '@taskhook/core'
import type { AttemptContext, AttemptReport, ReadDelivery } from '@taskhook/outbox'
import { keepCause } from '@taskhook/outbox/tasks'
import type { InboxContext, InboxHandler } from './inbox.ts'
import { isTimeout } from './is-timeout.ts'
import { restoreWebhook } from './stored-webhook.ts'

/** What {@link createAttempt} needs. */
export interface AttemptOptions<T, E> {
  handler: InboxHandler<E, T>
  schema: VerifierOptions<E>['schema']
}

/** One attempt to handle what was stored. It rejects for nothing that the handler does. */
export type Attempt<T> = (
  delivery: ReadDelivery,
  signal: AbortSignal,
  context: AttemptContext<T>,
) => Promise<AttemptReport>

const longestMessage = 500

/** Makes of a handler what an outbox calls: one attempt is one call of the handler. */
export function createAttempt<T, E>({ handler, schema }: AttemptOptions<T, E>): Attempt<T> {
  return async (delivery, signal, context) => {
    const startedAt = performance.now()
    const fail = (errorCode: string, errorMessage: string): AttemptReport => ({
      outcome: 'retry',
      durationInMs: performance.now() - startedAt,
      errorCode,
      errorMessage: errorMessage.slice(0, longestMessage),
    })
    try {
      const webhook = await restoreWebhook<E>(delivery, schema)
      await handler(webhook, toHandlerContext(signal, context))
    } catch (error) {
      const code = TaskhookError.isInstance(error) ? error.code : 'handler_failed'
      return keepCause(fail(code, error instanceof Error ? error.message : inspect(error)), error)
    }
    // It is called again, perhaps is already, so this call must not be the one that counts.
    if (isTimeout(signal)) return fail('attempt_timeout', 'the handler took too long')
    return { outcome: 'delivered', durationInMs: performance.now() - startedAt }
  }
}

function toHandlerContext<T>(signal: AbortSignal, context: AttemptContext<T>): InboxContext<T> {
  return {
    signal,
    attempt: context.attempt,
    // On SQLite the transaction begins when it is first read, and others wait for its end.
    get transaction() {
      return context.transaction as T
    },
  }
}
