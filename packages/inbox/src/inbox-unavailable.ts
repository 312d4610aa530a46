import { WebhookError } from '@taskhook/core'
import { OutboxError } from '@taskhook/outbox'

/**
 * The answer to a webhook that could not be stored: 503 with `Retry-After`, so that the sender tries again. An error of
 * the webhook or of the application is thrown unchanged.
 */
export function inboxUnavailable(error: unknown): unknown {
  if (!OutboxError.isInstance(error) || !error.code.startsWith('ledger_')) return error
  const message = `the inbox could not store the webhook (${error.code}), see the cause`
  return new WebhookError('inbox_unavailable', message, { cause: error })
}
