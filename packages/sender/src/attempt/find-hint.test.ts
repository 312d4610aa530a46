import { describe, expect, test } from 'vitest'
import { findHint, type FailedAnswer, type HintContext } from './find-hint.ts'

const http: HintContext = {
  isTls: false,
  hasKey: false,
  hasSecret: false,
  hasClientCertificate: false,
  path: '/automation',
  port: 80,
}
const https = { ...http, isTls: true, port: 443 }
const keyed = { ...http, hasKey: true, path: '/automation/' }
const signed = { ...http, hasSecret: true }

const answered = (status: number, more: Partial<FailedAnswer> = {}): FailedAnswer => ({
  status,
  location: undefined,
  excerpt: '',
  errorCode: undefined,
  error: undefined,
  ...more,
})
const failed = (errorCode: FailedAnswer['errorCode'], code = '', message = ''): FailedAnswer => ({
  status: undefined,
  location: undefined,
  excerpt: '',
  errorCode,
  error: Object.assign(new Error(message), { code }),
})

describe('a complete answer', () => {
  test.each<[string, FailedAnswer, HintContext, RegExp]>([
    [
      'a redirect',
      answered(301, { location: 'https://b.example/x' }),
      http,
      /not followed: set "endpoint" to https:\/\/b\.example\/x/,
    ],
    ['a redirect to nowhere', answered(302), http, /not followed: set "endpoint"/],
    [
      '308 that takes the slash away',
      answered(308, { location: '/automation?key=a' }),
      keyed,
      /must take \/automation\/ with the slash/,
    ],
    [
      '308 to elsewhere, with a key',
      answered(308, { location: '/other/' }),
      keyed,
      /set "endpoint" to \/other\//,
    ],
    ['304', answered(304), http, /^none$/],
    ['404', answered(404), http, /nothing at \/automation: check the path/],
    ['404 with a key', answered(404), keyed, /ends in a slash, \/automation\//],
    ['401 with a secret', answered(401), signed, /the same "secret", and clocks/],
    ['401 with a secret and a key', answered(401), { ...signed, hasKey: true }, /"secret" and "key"/],
    ['403 without', answered(403), http, /set "secret", or an authorization header/],
    ['405', answered(405), http, /must take POST/],
    ['407', answered(407), http, /proxy/],
    ['413', answered(413), http, /64 KiB/],
    ['415', answered(415), http, /application\/json/],
    [
      'nginx at a TLS port',
      answered(400, { excerpt: 'The plain HTTP request was sent to HTTPS port' }),
      http,
      /write https:\/\//,
    ],
    [
      'Go at a TLS port',
      answered(400, { excerpt: 'Client sent an HTTP request to an HTTPS server.' }),
      http,
      /write https:\/\//,
    ],
    [
      'Apache at a TLS port',
      answered(400, { excerpt: "you're speaking plain HTTP to an SSL-enabled server port" }),
      http,
      /write https:\/\//,
    ],
    [
      'Tomcat at a TLS port',
      answered(400, { excerpt: 'This combination of host and port requires TLS.' }),
      http,
      /write https:\/\//,
    ],
    ['a 400 that only talks of it', answered(400, { excerpt: 'requires TLS' }), https, /^none$/],
    ['another 400', answered(400, { excerpt: 'bad JSON' }), http, /^none$/],
    ['500', answered(500), http, /^none$/],
  ])('%s', (_title, answer, context, hint) => {
    const found = findHint(answer, context)
    expect(found ?? 'none').toMatch(hint)
  })
})

describe('no complete answer', () => {
  test.each<[string, FailedAnswer, HintContext, RegExp]>([
    [
      'TLS to a plain port',
      failed('tls_failed', 'ERR_SSL_WRONG_VERSION_NUMBER'),
      https,
      /does not speak TLS: write http:\/\//,
    ],
    [
      'a version of TLS that the other side has not',
      failed('tls_failed', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'),
      https,
      /needs TLS 1\.2 or 1\.3$/,
    ],
    ['TLS that fails otherwise', failed('tls_failed', 'ERR_SSL_INTERNAL_ERROR'), https, /^none$/],
    [
      'a client certificate is wanted',
      failed('tls_failed', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      https,
      /set "useSslClientCert"/,
    ],
    [
      'a client certificate is not trusted',
      failed('tls_failed', 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'),
      { ...https, hasClientCertificate: true },
      /its trust store/,
    ],
    ['a certificate of no known authority', failed('tls_untrusted'), https, /"sslTrustFile"/],
    ['a certificate for another host', failed('tls_host_mismatch'), https, /must be a name/],
    ['a certificate that is expired', failed('tls_certificate_expired'), https, /clock/],
    [
      'plain HTTP reset at a port of TLS',
      failed('connection_reset'),
      { ...http, port: 8443 },
      /write https:\/\//,
    ],
    ['a reset elsewhere', failed('connection_reset'), http, /^none$/],
    ['nothing listens', failed('connection_refused'), http, /check that the receiver runs/],
    ['no such host', failed('dns_not_found'), http, /check the host/],
    ['no connection', failed('connection_timeout'), http, /firewalls/],
    ['a private address', failed('address_denied'), http, /"denyPrivateNetworks"/],
    ['an attempt that was ended here', failed('aborted'), http, /^none$/],
  ])('%s', (_title, answer, context, hint) => {
    const found = findHint(answer, context)
    expect(found ?? 'none').toMatch(hint)
  })
})
