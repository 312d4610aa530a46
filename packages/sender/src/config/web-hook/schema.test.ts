import { eventTypes } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { listProblems } from '../../testing/list-problems.ts'

const endpoint = 'http://www.example.org/automation'

describe('webHookSchema', () => {
  describe('says what is allowed and what was found', () => {
    test.each([
      [{ enabled: true }, 'webHook.endpoint: must be there when enabled is true; found nothing'],
      [{ enabled: 'true' }, 'webHook.enabled: must be true or false, without quotes; found "true"'],
      [{ useSslTrustAll: 0 }, 'webHook.useSslTrustAll: must be true or false, without quotes; found 0'],
      [
        { denyPrivateNetworks: null },
        'webHook.denyPrivateNetworks: must be true or false, without quotes; found null',
      ],
      [{ maxConcurrency: 0 }, 'webHook.maxConcurrency: must be a whole number from 1 to 1000; found 0'],
      [{ maxConcurrency: 1001 }, 'webHook.maxConcurrency: must be a whole number from 1 to 1000; found 1001'],
      [{ maxConcurrency: -1.5 }, 'webHook.maxConcurrency: must be a whole number from 1 to 1000; found -1.5'],
      [{ maxConcurrency: '5' }, 'webHook.maxConcurrency: must be a whole number from 1 to 1000; found "5"'],
      [{ id: 'a\nb' }, 'webHook.id: must be without control characters and lone surrogates; found "a\\nb"'],
      [
        { id: '\uD800' },
        'webHook.id: must be without control characters and lone surrogates; found "\\ud800"',
      ],
      [
        { endpoint: 'http://receiver.example.org:0/automation' },
        'webHook.endpoint: must be without port 0; found a string',
      ],
      [{ id: '' }, 'webHook.id: must be a string of 1 to 255 characters; found an empty string'],
      [
        { id: 'x'.repeat(256) },
        `webHook.id: must be a string of 1 to 255 characters; found "${'x'.repeat(80)}…"`,
      ],
      [{ sslKeyFile: [] }, 'webHook.sslKeyFile: must be a non-empty string; found an empty array'],
      [{ sslTrustFile: {} }, 'webHook.sslTrustFile: must be a non-empty string; found an object'],
      [
        { responseTimeout: 30 },
        'webHook.responseTimeout: must be an ISO-8601 duration in quotes, such as "PT30S"; found 30',
      ],
      [{ connectionTimeout: 'PT0S' }, 'webHook.connectionTimeout: must be more than zero; found "PT0S"'],
      [
        { responseTimeout: 'P25D' },
        'webHook.responseTimeout: must be at most 24.8 days, what a timer can hold; found "P25D"',
      ],
      [
        { retrySchedule: ['PT0S', 'P366D'] },
        'webHook.retrySchedule[1]: must be at most "P365D"; found "P366D"',
      ],
      [
        { retrySchedule: [] },
        'webHook.retrySchedule: must be a non-empty array of ISO-8601 durations such as "PT30S"; found an empty array',
      ],
      [{ events: [] }, 'webHook.events: must be a non-empty array of event names; found an empty array'],
      [
        { events: 'OrderSigned' },
        'webHook.events: must be a non-empty array of event names; found "OrderSigned"',
      ],
      [
        { events: ['OrderSigned', 'OrderCreated', 'OrderSigned'] },
        'webHook.events[2]: must not be there twice; found "OrderSigned"',
      ],
      [
        { events: ['OrderSignd'] },
        `webHook.events[0]: must be one of ${eventTypes.join(', ')}; found "OrderSignd", the nearest is "OrderSigned"`,
      ],
      [{ endpont: 'x' }, 'webHook.endpont: is not a known key; the nearest one is "endpoint"'],
      [
        { 'connection timeout': 'x' },
        'webHook["connection timeout"]: is not a known key; the nearest one is "connectionTimeout"',
      ],
      [
        { useSslClientCert: true },
        'webHook.sslKeyFile: must be there when useSslClientCert is true: it holds the certificate and its key; found nothing',
      ],
      [
        { endpoint: `${endpoint}?a&key=1`, key: 'k' },
        'webHook.key: must be left out when the endpoint has a query parameter "key" of its own; found a string',
      ],
      [
        { endpoint: `${endpoint}/${'x'.repeat(255)}` },
        'webHook.id: must be there when host and path of the endpoint are longer than 255 characters; found nothing',
      ],
      ['x', 'webHook: must be an object, or an array of objects, one for each endpoint; found a string'],
      [null, 'webHook: must be an object, or an array of objects, one for each endpoint; found null'],
      [
        [[]],
        'webHook[0]: must be an object, or an array of objects, one for each endpoint; found an empty array',
      ],
      [[{}, { enabled: 1 }], 'webHook[1].enabled: must be true or false, without quotes; found 1'],
    ])('of %j', (section, problem) => {
      expect(listProblems(section)).toEqual([problem])
    })

    test.each([
      'www.example.org/automation',
      '/automation',
      'ftp://www.example.org/',
      'https:www.example.org',
      'https:///automation',
      ' https://www.example.org',
      'https://www.example.org:99999',
      'https://',
      '',
    ])('of the endpoint %j', (wrong) => {
      const expected = `webHook.endpoint: must be an absolute http: or https: URL, such as "https://www.example.org/automation"; found ${wrong === '' ? 'an empty string' : 'a string'}`
      expect(listProblems({ endpoint: wrong })).toEqual([expected])
    })
  })

  describe('refuses two sections with one id', () => {
    test.each([
      ['by default', { endpoint, key: 'a' }, { endpoint, key: 'b' }, 'nothing'],
      ['as set', { id: 'a' }, { id: 'a', endpoint }, '"a"'],
      [
        'one way and the other',
        { endpoint },
        { id: 'www.example.org/automation' },
        '"www.example.org/automation"',
      ],
    ])('%s', (_, first, second, found) => {
      expect(listProblems([first, second])).toEqual([
        `webHook[1].id: must not be the id of webHook[0] too; without one, it is the endpoint's host and path: set "id" in both; found ${found}`,
      ])
    })
  })

  describe('refuses headers', () => {
    test('that the sender sets, however they are written', () => {
      expect(listProblems({ headers: { 'X-Signature': 'x' } })).toEqual([
        'webHook.headers["X-Signature"]: must be left out: the sender or HTTP itself sets this header; found a string',
      ])
    })

    test('that differ in upper and lower case only', () => {
      expect(listProblems({ headers: { 'X-A': '1', 'x-a': '2' } })).toEqual([
        expect.stringMatching(/^webHook.headers\["x-a"\]: must be there once only/),
      ])
    })

    test('that are no plain object of strings', () => {
      expect(listProblems({ headers: ['a'] })).toHaveLength(1)
      expect(listProblems({ headers: new Map([['a', 'b']]) })).toHaveLength(1)
      expect(listProblems({ headers: { 'x-a': ['b'] } })).toEqual([
        'webHook.headers["x-a"]: must be a string; found an array',
      ])
    })
  })
})
