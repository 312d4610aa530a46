import type { AttemptErrorCode, AttemptResult } from '@taskhook/sender'

const unreached: ReadonlySet<AttemptErrorCode> = new Set<AttemptErrorCode>([
  'connection_timeout',
  'connection_refused',
  'network_unreachable',
  'dns_not_found',
  'dns_failed',
  'tls_untrusted',
  'tls_certificate_expired',
  'tls_host_mismatch',
  'tls_failed',
  'address_denied',
])

/** Whether there was no connection to the receiver, so that it knows nothing of the attempt. */
export function isUnreached(result: AttemptResult): boolean {
  return result.outcome === 'retry' && result.errorCode !== undefined && unreached.has(result.errorCode)
}
