import { WebhookError } from './webhook-error.ts'

/** The refusal of a body over the limit, for an adapter that stops reading there. */
export function bodyTooLarge(limitInBytes: number): WebhookError {
  return new WebhookError('body_too_large', `the body is over the limit of ${limitInBytes} bytes`)
}

/**
 * The refusal of a body that took too long, for an adapter that waits no longer. Its connection is to be closed.
 *
 * @param httpVersionMajor HTTP/2 has no header for that (RFC 9113 section 8.2.2).
 */
export function bodyTimeout(timeoutInMs: number, httpVersionMajor = 1): WebhookError {
  return new WebhookError('body_timeout', `the body was not complete within ${timeoutInMs} ms`, {
    headers: httpVersionMajor === 1 ? { connection: 'close' } : {},
  })
}

/** The refusal of a body that ended before it was complete, for an adapter that reads it. */
export function bodyUnreadable(cause: unknown): WebhookError {
  return new WebhookError('body_unreadable', 'the body ended before it was complete, or could not be read', {
    cause,
  })
}

/** The refusal of a request whose bytes are gone; `remedy` says which line to change. */
export function bodyAlreadyParsed(remedy: string): WebhookError {
  return new WebhookError(
    'body_already_parsed',
    `the signature covers the raw bytes of the body, and other code read them before verifyWebhook: ${remedy}`,
  )
}
