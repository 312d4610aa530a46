import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readChunk, type Answer } from './answer.ts'
import { createConcealKey } from './conceal-key.ts'
import { storedLimitInBytes, toStoredResponse } from './stored-response.ts'

function answer(headers: Answer['headers'], ...chunks: readonly (Uint8Array | string)[]): Answer {
  const read: Answer = { status: 200, headers, chunks: [], bytesRead: 0 }
  for (const chunk of chunks) readChunk(read, Buffer.from(chunk))
  return read
}

const storedSize = (response: object): number => Buffer.byteLength(JSON.stringify(response))

describe('what is stored of an answer', () => {
  test('is never more than its limit, whatever the receiver sends', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3000 })
    const headers = fc.dictionary(text, fc.oneof(text, fc.array(text)))
    const chunks = fc.array(fc.oneof(fc.uint8Array({ maxLength: 3000 }), text))
    const key = fc.option(fc.constantFrom('a', '\0', 'a key'), { nil: undefined })
    fc.assert(
      fc.property(headers, chunks, key, (some, body, secret) => {
        const conceal = secret === undefined ? undefined : createConcealKey(secret)
        expect(storedSize(toStoredResponse(answer(some, ...body), conceal))).toBeLessThanOrEqual(
          storedLimitInBytes,
        )
      }),
    )
  })

  test.each([
    ['letters', 'a', 1],
    ['control characters, which JSON writes as six', '\0', 6],
    ['quotes, which JSON writes as two', '"', 2],
    ['bytes that are no UTF-8', Buffer.of(0xff), 3],
    ['characters of four bytes', '😀', 4],
  ])('uses the limit up: %s', (_title, one, size) => {
    const body = Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from(one)))
    const response = toStoredResponse(answer({ server: 'nginx' }, body))
    expect(response.truncated).toBe(true)
    expect(storedSize(response)).toBeLessThanOrEqual(storedLimitInBytes)
    expect(storedSize(response)).toBeGreaterThan(storedLimitInBytes - size - 4)
    expect(response.excerpt.isWellFormed()).toBe(true)
  })

  test('is whole when it is short, in however many chunks it came', () => {
    const headers = { 'x-one': 'a', 'set-cookie': ['b', 'c'] }
    expect(toStoredResponse(answer(headers, 'grü', 'ezi'))).toEqual({
      headers: { 'x-one': 'a', 'set-cookie': 'b, c' },
      excerpt: 'grüezi',
      truncated: false,
    })
  })

  test('ends before a character that was cut', () => {
    const key = 'the-secret-key'
    const keys = key.repeat(50)
    const body = `${keys}${'a'.repeat(storedLimitInBytes - keys.length - 1)}ü`
    expect(toStoredResponse(answer({}, body), createConcealKey(key)).excerpt).toMatch(/^(?:\*{3}){50}a+$/)
  })

  test('has the headers that tell the most, when there is no room for all', () => {
    const noise = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`x-${index}`, 'a'.repeat(50)]),
    )
    const headers = { ...noise, location: '/elsewhere', 'retry-after': '5', 'content-type': 'text/html' }
    const stored = toStoredResponse(answer(headers, 'a body'))
    expect(Object.keys(stored.headers).slice(0, 3)).toEqual(['content-type', 'location', 'retry-after'])
    expect(Object.keys(stored.headers).length).toBeGreaterThan(10)
    expect(stored.excerpt).toBe('a body')
  })

  test('has the beginning of a header that is too long', () => {
    const { headers } = toStoredResponse(answer({ location: 'a'.repeat(10_000), server: 'nginx' }))
    expect(headers['location']).toBe('a'.repeat(768))
    expect(headers['server']).toBe('nginx')
  })

  test('has no beginning of a key where it was cut', () => {
    const key = 'the-secret-key'
    // Each key that is concealed leaves room for more of what was read, up to where it was cut.
    const keys = key.repeat(50)
    const body = `${keys}${'a'.repeat(storedLimitInBytes - keys.length - 5)}${key} and more`
    const { excerpt } = toStoredResponse(answer({}, body), createConcealKey(key))
    expect(excerpt).toMatch(/^(?:\*{3}){50}a+$/)
    const short = toStoredResponse(answer({ location: `${'a'.repeat(760)}${key}` }), createConcealKey(key))
    expect(short.headers['location']).toMatch(/^a{760}\*\*\*$/)
  })
})
