import type { AttemptErrorCode } from './attempt-error.ts'

/** What a hint depends on of the endpoint's configuration. */
export interface HintContext {
  isTls: boolean
  hasKey: boolean
  hasSecret: boolean
  hasClientCertificate: boolean
  /** The path of the endpoint's URL, without its query. */
  path: string
  port: number
}

/** What is known of an attempt that failed. */
export interface FailedAnswer {
  /** Of an answer that is complete. */
  status: number | undefined
  location: string | undefined
  excerpt: string
  /** Of one that is not. */
  errorCode: AttemptErrorCode | undefined
  /** What ended it. */
  error: Error | undefined
}

// What nginx, Apache, Go, Tomcat and Jetty answer to plain HTTP at a port that speaks TLS.
const saysTls = /plain HTTP request|speaking plain HTTP|HTTP request to an HTTPS|requires TLS|HTTPS port/i
// The first bytes of a TLS alert (RFC 8446 section 5.1), where HTTP was expected.
const tlsAlert = '\u{15}\u{3}'
// As OpenSSL names what is not TLS.
const notTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST|UNEXPECTED_MESSAGE/i
// Each side has versions that the other has not.
const otherVersions = /ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/i
const clientCertificateWanted = /CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/i
const clientCertificateRefused =
  /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|ACCESS_DENIED|UNSUPPORTED_CERT)/i
// As Node.js says it.
const endedBeforeTls = /before secure TLS connection was established/
const tlsPorts = new Set([443, 8443])

// What undici 7 says of them.
const oddStatuses = new Map([
  ['bad response', 'the receiver must not answer 100 Continue, which the sender does not ask for'],
  ['bad upgrade', 'the receiver must not answer 101 Switching Protocols, which the sender does not ask for'],
])

const httpAtTlsPort = 'the port speaks TLS: write https:// in "endpoint"'

/** What to do about an attempt that failed, in one sentence, where that can be told. */
export function findHint(answer: FailedAnswer, context: HintContext): string | undefined {
  return answer.status === undefined ? hintForError(answer, context) : hintForStatus(answer, context)
}

function hintForStatus(
  { status = 0, location, excerpt }: FailedAnswer,
  context: HintContext,
): string | undefined {
  const { hasKey, hasSecret, isTls, path } = context
  if (status >= 300 && status <= 399 && status !== 304) return hintForRedirect(location, context)
  switch (status) {
    case 400:
      return !isTls && saysTls.test(excerpt) ? httpAtTlsPort : undefined
    case 401:
    case 403:
      return hasSecret
        ? 'the receiver refuses the request: both sides need the same "secret"' +
            (hasKey ? ' and "key"' : '') +
            ', and clocks that agree'
        : 'the receiver refuses the request: set "secret", or an authorization header in "headers"'
    case 404:
      return hasKey
        ? `with a "key" the path ends in a slash, ${path}: the receiver's route must take it with the slash`
        : `the receiver has nothing at ${path}: check the path of "endpoint"`
    case 405:
      return `the receiver's route at ${path} must take POST`
    case 407:
      return 'a proxy on the way wants a login: have it let these requests through, or set a proxy-authorization header in "headers"'
    case 413:
      return 'the receiver takes only smaller bodies: a webhook has a few hundred bytes, let its limit be 64 KiB'
    case 415:
      return 'the receiver must take the content type application/json'
    case 421:
    case 426:
      return !isTls ? httpAtTlsPort : undefined
    default:
      return undefined
  }
}

function hintForRedirect(location: string | undefined, { hasKey, path }: HintContext): string {
  const notFollowed = 'redirects are not followed'
  if (location === undefined) return `${notFollowed}: set "endpoint" to where the receiver takes webhooks`
  const withoutSlash = path.replace(/\/$/, '')
  const target = URL.parse(location, 'http://receiver.invalid')?.pathname
  return hasKey && target === withoutSlash
    ? `${notFollowed}, and this one, to ${location}, takes the slash away that the path has with a "key": the receiver's route must take ${path} with the slash`
    : `${notFollowed}: set "endpoint" to ${location}, without the key parameter, if the receiver is there now`
}

function hintForError({ errorCode, error }: FailedAnswer, context: HintContext): string | undefined {
  const { hasClientCertificate, isTls, port } = context
  const { code = '', message = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  const said = `${code} ${message}`.replaceAll(' ', '_')
  switch (errorCode) {
    case 'tls_failed':
      if (clientCertificateRefused.test(said) || clientCertificateWanted.test(said)) {
        return hasClientCertificate
          ? 'the receiver does not take the client certificate: its trust store must have the issuer of the one in "sslKeyFile"'
          : 'the receiver wants a client certificate: set "useSslClientCert" and "sslKeyFile"'
      }
      if (otherVersions.test(said)) {
        return 'the receiver has no version of TLS that this side takes: it needs TLS 1.2 or 1.3'
      }
      return notTls.test(said)
        ? 'the port does not speak TLS: write http:// in "endpoint", or the port that speaks TLS'
        : undefined
    case 'tls_untrusted':
      return 'put the certificate of the authority that issued the receiver\'s into "sslTrustFile"'
    case 'tls_host_mismatch':
      return 'the host of "endpoint" must be a name that the receiver\'s certificate is for'
    case 'tls_certificate_expired':
      return "the receiver needs a new certificate; if it has one that is valid, check this machine's clock"
    case 'response_invalid':
      return !isTls && saysAlert(error) ? httpAtTlsPort : oddStatuses.get(message)
    case 'connection_reset':
      if (isTls && endedBeforeTls.test(message)) {
        return 'what listens there hung up before TLS began: check host and port of "endpoint", and what is in front of the receiver'
      }
      return !isTls && tlsPorts.has(port) ? httpAtTlsPort : undefined
    case 'connection_refused':
      return 'check that the receiver runs, and the host and port of "endpoint"'
    case 'dns_not_found':
      return 'check the host of "endpoint"'
    case 'connection_timeout':
      return 'check host and port of "endpoint", and firewalls on the way'
    case 'address_denied':
      return 'if the receiver is meant to be there, set "denyPrivateNetworks" to false'
    default:
      return undefined
  }
}

function saysAlert(error: Error | undefined): boolean {
  const { data } = (error ?? {}) as { data?: unknown }
  return typeof data === 'string' && data.startsWith(tlsAlert)
}
