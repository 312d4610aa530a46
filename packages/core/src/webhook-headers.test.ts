import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { readHeaders, type WebhookHeaders } from './webhook-headers.ts'

const none = {
  contentType: undefined,
  signature: undefined,
  standardId: undefined,
  standardTimestamp: undefined,
  standardSignature: undefined,
}

const all = {
  'content-type': 'application/json',
  'x-signature': 'a',
  'webhook-id': 'b',
  'webhook-timestamp': 'c',
  'webhook-signature': 'd',
}

const read = {
  contentType: 'application/json',
  signature: 'a',
  standardId: 'b',
  standardTimestamp: 'c',
  standardSignature: 'd',
}

describe('readHeaders', () => {
  test('reads the same from a record, in any case, and from Fetch headers', () => {
    const upperCase = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name.toUpperCase(), value]),
    )
    expect(readHeaders(all)).toEqual(read)
    expect(readHeaders(upperCase)).toEqual(read)
    expect(readHeaders(new Headers(all))).toEqual(read)
  })

  test('has undefined for what is not there', () => {
    expect(readHeaders({ host: 'x', 'x-signature': undefined, 'x-signature-2': 'a' })).toEqual(none)
    expect(readHeaders(new Headers())).toEqual(none)
  })

  test('keeps an empty header apart from a missing one', () => {
    expect(readHeaders({ 'x-signature': '' }).signature).toBe('')
    expect(readHeaders(new Headers({ 'x-signature': '' })).signature).toBe('')
  })

  test('joins several of one name, however they come', () => {
    const fetchHeaders = new Headers([
      ['X-Signature', 'a'],
      ['x-signature', 'b'],
    ])
    expect(readHeaders({ 'x-signature': ['a', 'b'] }).signature).toBe('a, b')
    expect(readHeaders({ 'X-Signature': 'a', 'x-signature': 'b' }).signature).toBe('a, b')
    expect(readHeaders(fetchHeaders).signature).toBe('a, b')
  })

  test('is not misled by a header named "get"', () => {
    expect(readHeaders({ get: 'x', 'x-signature': 'a' }).signature).toBe('a')
  })

  test('takes the headers of Node.js and of Fetch by type', () => {
    expectTypeOf<IncomingHttpHeaders>().toExtend<WebhookHeaders>()
    expectTypeOf<NodeJS.Dict<string[]>>().toExtend<WebhookHeaders>()
    expectTypeOf<Headers>().toExtend<WebhookHeaders>()
  })
})
