import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointUrl } from './endpoint-url.ts'

describe('endpointUrl', () => {
  test.each([
    [
      'http://www.example.org/automation',
      'QueryParameterKey',
      'http://www.example.org/automation/?key=QueryParameterKey',
    ],
    ['http://www.example.org/automation/', 'k', 'http://www.example.org/automation/?key=k'],
    ['http://www.example.org/automation//', 'k', 'http://www.example.org/automation//?key=k'],
    ['http://www.example.org', 'k', 'http://www.example.org/?key=k'],
    ['http://www.example.org/', 'k', 'http://www.example.org/?key=k'],
    ['http://www.example.org:8080/a', 'k', 'http://www.example.org:8080/a/?key=k'],
    ['https://www.example.org/a?', 'k', 'https://www.example.org/a/?key=k'],
    ['https://www.example.org/a?b=c', 'k', 'https://www.example.org/a/?b=c&key=k'],
    ['https://www.example.org/a?b=%20c+d&&e', 'k', 'https://www.example.org/a/?b=%20c+d&&e&key=k'],
    ['https://www.example.org/a%2Fb', 'k', 'https://www.example.org/a%2Fb/?key=k'],
    [
      'https://www.example.org/a',
      'a b&c=d+e/?#%',
      'https://www.example.org/a/?key=a%20b%26c%3Dd%2Be%2F%3F%23%25',
    ],
    ['https://www.example.org/a', 'Zürich', 'https://www.example.org/a/?key=Z%C3%BCrich'],
  ])('%s with the key %s is %s', (endpoint, key, url) => {
    expect(endpointUrl({ endpoint, key }).href).toBe(url)
  })

  test.each([
    'http://www.example.org/automation',
    'https://www.example.org/a/?b=c+d',
    'https://www.example.org/a//',
  ])('leaves %s alone without a key', (endpoint) => {
    expect(endpointUrl({ endpoint }).href).toBe(endpoint)
  })

  const segments = fc.array(fc.webSegment(), { maxLength: 4 })
  const query = fc.option(fc.webQueryParameters(), { nil: undefined })
  const anyKey = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }))

  test('can be read back: any key, and the query that was there before it', () => {
    fc.assert(
      fc.property(segments, query, anyKey, (path, before, key) => {
        const endpoint = `https://www.example.org/${path.join('/')}${before === undefined ? '' : `?${before}`}`
        const [...parameters] = endpointUrl({ endpoint, key }).searchParams
        expect(parameters).toEqual([...new URL(endpoint).searchParams, ['key', key]])
      }),
    )
  })

  test('has a path that ends in exactly one slash, and is otherwise the same', () => {
    fc.assert(
      fc.property(segments, anyKey, (path, key) => {
        const endpoint = `https://www.example.org/${path.join('/')}`.replace(/\/{2,}$/, '/')
        const before = new URL(endpoint).pathname
        fc.pre(!before.endsWith('//'))
        expect(endpointUrl({ endpoint, key }).pathname).toBe(before.replace(/\/?$/, '/'))
      }),
    )
  })
})
