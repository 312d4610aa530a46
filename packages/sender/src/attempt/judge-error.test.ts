import { errors } from 'undici'
import { describe, expect, test } from 'vitest'
import { judgeError } from './judge-error.ts'
import { AttemptError } from './attempt-error.ts'

// What a test cannot bring about on one machine. What it can is in attempt.test.ts and tls-options.test.ts.
describe('judgeError', () => {
  test.each([
    ['ENETUNREACH', 'connect', 'network_unreachable'],
    ['EHOSTUNREACH', 'connect', 'network_unreachable'],
    ['EADDRNOTAVAIL', 'connect', 'network_unreachable'],
    ['ETIMEDOUT', 'connect', 'connection_timeout'],
    ['ETIMEDOUT', 'read', 'connection_reset'],
    ['ECONNRESET', 'read', 'connection_reset'],
    ['EPIPE', 'write', 'connection_reset'],
    ['ENOTFOUND', 'getaddrinfo', 'dns_not_found'],
    ['EAI_AGAIN', 'getaddrinfo', 'dns_failed'],
    ['EBUSY', 'getaddrinfo', 'dns_failed'],
    ['EPROTO', 'write', 'tls_failed'],
    ['EMFILE', 'connect', 'network_error'],
    ['EACCES', 'connect', 'network_error'],
  ])('takes %s of %s for %s', (code, syscall, expected) => {
    expect(judgeError(Object.assign(new Error(code), { code, syscall }))).toBe(expected)
  })

  test('takes the code of several errors, one for each address', () => {
    const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    expect(judgeError(refused)).toBe('connection_refused')
  })

  test('takes a status below 100, on which undici fails an assertion, for a response that is invalid', () => {
    const error = Object.assign(
      new Error('The expression evaluated to a falsy value: assert(statusCode >= 100)'),
      {
        code: 'ERR_ASSERTION',
      },
    )
    expect(judgeError(error)).toBe('response_invalid')
  })

  test('leaves our own as they are', () => {
    expect(judgeError(new AttemptError('address_denied', ''))).toBe('address_denied')
  })

  test.each([new errors.ClientDestroyedError(), new errors.InvalidArgumentError(), new Error('other')])(
    'takes %s for a network_error',
    (error) => {
      expect(judgeError(error)).toBe('network_error')
    },
  )
})
