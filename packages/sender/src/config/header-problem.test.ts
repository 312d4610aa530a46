import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headerProblem } from './header-problem.ts'

describe('headerProblem', () => {
  test.each([
    ['x-installation', 'north'],
    ['Authorization', 'Bearer abc'],
    ['x-empty', ''],
    ['x-latin', 'Zürich'],
    ['x-tab', 'a\tb'],
    ["!#$%&'*+-.^_`|~09", 'x'],
  ])('takes %s: %s', (name, value) => {
    expect(headerProblem(name, value)).toBeUndefined()
  })

  test.each([
    'content-type',
    'Content-Length',
    'content-encoding',
    'Transfer-Encoding',
    'HOST',
    'connection',
    'keep-alive',
    'upgrade',
    'expect',
    'te',
    'trailer',
    'User-Agent',
    'X-Signature',
    'webhook-id',
    'webhook-timestamp',
    'Webhook-Signature',
    'webhook-key-id',
    'traceparent',
    'tracestate',
  ])('refuses %s, which is not for the configuration', (name) => {
    expect(headerProblem(name, 'x')).toMatch('the sender or HTTP itself')
  })

  test.each(['', ' ', 'x y', 'x:', 'x\r\ny', 'Zürich', '"x"'])('refuses %j, which is no name', (name) => {
    expect(headerProblem(name, 'x')).toMatch("a header's name")
  })

  test.each(['a\r\nx-signature: 0', 'a\nb', 'a\0b', '\u007F', '…'])('refuses the value %j', (value) => {
    expect(headerProblem('x-a', value)).toMatch('without line breaks')
  })

  test('takes only what an HTTP client takes', () => {
    const name = fc.stringMatching(/^[!-~]{1,8}$/)
    const value = fc.string({
      unit: fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code)),
    })
    fc.assert(
      fc.property(name, value, (one, other) => {
        fc.pre(headerProblem(one, other) === undefined)
        expect(() => new Headers([[one, other]])).not.toThrow()
      }),
    )
  })
})
