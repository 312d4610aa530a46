import { TaskhookError } from '@taskhook/core'

/**
 * Why there was no complete answer.
 *
 * | code | what happened |
 * | --- | --- |
 * | `connection_timeout` | no connection, TLS included, within `connectionTimeout`, or by the end of `responseTimeout` |
 * | `response_timeout` | no complete answer within `responseTimeout` |
 * | `connection_refused` | nothing listens at host and port |
 * | `connection_reset` | the connection ended before the answer was complete |
 * | `network_unreachable` | no route to the host |
 * | `dns_not_found` | the host name does not exist |
 * | `dns_failed` | the host name could not be looked up |
 * | `tls_untrusted` | the server's certificate comes from no trusted authority |
 * | `tls_certificate_expired` | the server's certificate is expired, or not valid yet |
 * | `tls_host_mismatch` | the server's certificate is for another host |
 * | `tls_failed` | the handshake failed otherwise, for example as the server wants a client certificate |
 * | `response_invalid` | the answer is not HTTP/1.1, or its headers are too large |
 * | `address_denied` | the address is private and `denyPrivateNetworks` is on |
 * | `aborted` | the signal was aborted |
 * | `network_error` | anything else |
 */
export type AttemptErrorCode =
  | 'connection_timeout'
  | 'response_timeout'
  | 'connection_refused'
  | 'connection_reset'
  | 'network_unreachable'
  | 'dns_not_found'
  | 'dns_failed'
  | 'tls_untrusted'
  | 'tls_certificate_expired'
  | 'tls_host_mismatch'
  | 'tls_failed'
  | 'response_invalid'
  | 'address_denied'
  | 'aborted'
  | 'network_error'

/** An attempt that was ended on this side. It is reported, never thrown to the caller. */
export class AttemptError extends TaskhookError {
  static override readonly errorName: string = 'AttemptError'
  declare readonly code: AttemptErrorCode

  // oxlint-disable-next-line no-useless-constructor -- so that the compiler knows the codes
  constructor(code: AttemptErrorCode, message: string) {
    super(code, message)
  }
}
