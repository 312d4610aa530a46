import { AttemptError, type AttemptErrorCode } from './attempt-error.ts'

// As Node.js and undici 7 throw them. Names of the X.509 errors: x509_error_codes in Node's src/crypto/crypto_common.cc
const codes = new Map<string, AttemptErrorCode>([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['ECONNABORTED', 'connection_reset'],
  ['EPIPE', 'connection_reset'],
  ['UND_ERR_SOCKET', 'connection_reset'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'connection_reset'], // it ended before the body did
  ['ENETUNREACH', 'network_unreachable'],
  ['EHOSTUNREACH', 'network_unreachable'],
  ['ENETDOWN', 'network_unreachable'],
  ['EHOSTDOWN', 'network_unreachable'],
  ['EADDRNOTAVAIL', 'network_unreachable'],
  ['ETIMEDOUT', 'connection_timeout'],
  ['ENOTFOUND', 'dns_not_found'],
  ['CERT_HAS_EXPIRED', 'tls_certificate_expired'],
  ['CERT_NOT_YET_VALID', 'tls_certificate_expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_host_mismatch'],
  ['HOSTNAME_MISMATCH', 'tls_host_mismatch'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls_untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'tls_untrusted'],
  ['CERT_CHAIN_TOO_LONG', 'tls_untrusted'],
  ['CERT_REVOKED', 'tls_untrusted'],
  ['CERT_REJECTED', 'tls_untrusted'],
  ['CERT_UNTRUSTED', 'tls_untrusted'],
  ['INVALID_CA', 'tls_untrusted'],
  ['INVALID_PURPOSE', 'tls_untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'tls_untrusted'],
  ['EPROTO', 'tls_failed'],
  ['UND_ERR_HEADERS_OVERFLOW', 'response_invalid'],
])

const families: readonly [prefix: string, code: AttemptErrorCode][] = [
  ['ERR_SSL_', 'tls_failed'],
  ['ERR_TLS_', 'tls_failed'],
]

/** The code of whatever ended an attempt. */
export function judgeError(error: unknown): AttemptErrorCode {
  if (error instanceof AttemptError) return error.code
  const { code = '', message, name, syscall } = error as NodeJS.ErrnoException
  // A connection that breaks down silently has the code of one that never came about.
  if (code === 'ETIMEDOUT' && syscall === 'read') return 'connection_reset'
  // "bad response" and "bad upgrade": status 100 or 101, which were not asked for.
  if (code === 'UND_ERR_SOCKET' && message.startsWith('bad ')) return 'response_invalid'
  // undici's parser gives no codes; this message is that of a connection that ended between two chunks.
  if (name === 'HTTPParserError')
    return message.includes('Invalid EOF') ? 'connection_reset' : 'response_invalid'
  // undici asserts that a status is 100 or more.
  if (code === 'ERR_ASSERTION' && message.includes('statusCode')) return 'response_invalid'
  const exact = codes.get(code)
  if (exact !== undefined) return exact
  if (syscall === 'getaddrinfo') return 'dns_failed'
  return families.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'network_error'
}
