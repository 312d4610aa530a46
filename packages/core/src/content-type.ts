import { WebhookError } from './webhook-error.ts'

// A media type is case-insensitive and may have parameters (RFC 9110 section 8.3.1).
const json = /^application\/json[ \t]*(?:;|$)/i

/**
 * Refuses what does not say it is JSON.
 *
 * @throws WebhookError `content_type_unsupported`.
 */
export function checkContentType(
  contentType: string | undefined,
  presence: 'required' | 'when-present',
): void {
  if (contentType === 'application/json') return
  if (contentType === undefined && presence === 'when-present') return
  if (contentType === undefined || !json.test(contentType)) {
    throw new WebhookError('content_type_unsupported', 'the content-type must be application/json')
  }
}
