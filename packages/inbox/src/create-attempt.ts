import { inspect } from 'node:util'
import { TaskhookError, type VerifierOptions } from '@taskhook/core'
import type { AttemptReport, EndpointSpec, ReadDelivery } from '@taskhook/outbox'
import type { InboxHandler } from './inbox.ts'
import { restoreWebhook } from './stored-webhook.ts'

/** What {@link createAttempt} needs. */
export interface AttemptOptions<T, E> {
  handler: InboxHandler<E, T>
  schema: VerifierOptions<E>['schema']
  handlerTimeoutInMs: number
}

const longestMessage = 500

/** Makes of a handler what an outbox calls: one attempt is one call of the handler. */
export function createAttempt<T, E>({
  handler,
  schema,
  handlerTimeoutInMs,
}: AttemptOptions<T, E>): EndpointSpec['attempt'] {
  async function call(delivery: ReadDelivery, signal: AbortSignal): Promise<AttemptReport> {
    const startedAt = performance.now()
    const fail = (errorCode: string, errorMessage: string): AttemptReport => ({
      outcome: 'retry',
      durationInMs: performance.now() - startedAt,
      errorCode,
      errorMessage: errorMessage.slice(0, longestMessage),
    })
    try {
      const webhook = await restoreWebhook<E>(delivery, schema)
      await handler(webhook, { signal, attempt: delivery.tries + 1, transaction: undefined as T })
    } catch (error) {
      const code = TaskhookError.isInstance(error) ? error.code : 'handler_failed'
      return fail(code, error instanceof Error ? error.message : inspect(error))
    }
    return { outcome: 'delivered', durationInMs: performance.now() - startedAt }
  }

  return async (delivery, signal) => {
    const startedAt = performance.now()
    const controller = new AbortController()
    // Not AbortSignal.any(): what that leaves at a signal which lives for days is not collected by every version of Node.js.
    const abort = (): void => controller.abort(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    const { promise: late, resolve } = Promise.withResolvers<AttemptReport>()
    const timer = setTimeout(() => {
      controller.abort(new DOMException('the handler took too long', 'TimeoutError'))
      resolve({
        outcome: 'retry',
        durationInMs: performance.now() - startedAt,
        errorCode: 'handler_timeout',
        errorMessage: `the handler took longer than ${handlerTimeoutInMs} ms`,
      })
    }, handlerTimeoutInMs)
    try {
      return await Promise.race([call(delivery, controller.signal), late])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }
}
