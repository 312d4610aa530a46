import { eventTypes } from '@taskhook/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { parseConfig } from './parse-config.ts'
import { listProblems } from '../testing/list-problems.ts'

const endpoint = 'http://www.example.org/automation'

describe('parseConfig', () => {
  test('fills in the defaults', () => {
    expect(parseConfig({ enabled: true, endpoint })).toStrictEqual([
      {
        enabled: true,
        id: 'www.example.org/automation',
        endpoint,
        connectionTimeout: 'PT30S',
        responseTimeout: 'PT30S',
        useSslTrustAll: true,
        useSslClientCert: false,
        events: [...eventTypes],
        headers: {},
        retrySchedule: ['PT0S', 'PT5S', 'PT5M', 'PT30M', 'PT2H', 'PT5H', 'PT10H', 'PT14H', 'PT20H', 'PT24H'],
        maxConcurrency: 10,
        denyPrivateNetworks: false,
      },
    ])
  })

  test('gives each call defaults of its own', () => {
    const [first] = parseConfig({})
    const [second] = parseConfig({})
    expect(first?.events).not.toBe(second?.events)
    expect(first?.retrySchedule).not.toBe(second?.retrySchedule)
    expect(first?.headers).not.toBe(second?.headers)
  })

  test('takes every key', () => {
    const section = {
      enabled: true,
      id: 'north',
      endpoint: 'https://www.example.org:8443/automation?site=1',
      key: 'QueryParameterKey',
      connectionTimeout: 'PT5S',
      responseTimeout: 'PT1M',
      secret: ['current', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      useSslTrustAll: false,
      useSslClientCert: true,
      sslKeyFile: 'client.p12',
      sslKeyPassword: '',
      sslTrustFile: 'trust.jks',
      sslTrustPassword: 'changeit',
      events: ['OrderSigned', 'OrderRejected'],
      headers: { authorization: 'Bearer abc' },
      retrySchedule: ['PT0S', 'P1D'],
      maxConcurrency: 1000,
      denyPrivateNetworks: true,
    }
    expect(parseConfig(section)).toStrictEqual([section])
  })

  test('takes an empty section, which is not enabled', () => {
    expect(parseConfig({})).toMatchObject([{ enabled: false }])
    expect(parseConfig([])).toEqual([])
  })

  test('takes several sections, and keeps their order', () => {
    const sections = [{ endpoint }, { enabled: true, endpoint: 'https://example.com' }, {}]
    expect(parseConfig(sections).map(({ id }) => id)).toEqual([
      'www.example.org/automation',
      'example.com/',
      undefined,
    ])
  })

  test('replaces variables, from process.env unless told otherwise', () => {
    const section = {
      endpoint: 'http://${HOST}/',
      secret: ['${CURRENT}', 'old'],
      headers: { 'x-a': 'b${CURRENT}' },
    }
    expect(parseConfig(section, { env: { HOST: 'localhost', CURRENT: 'new' } })).toMatchObject([
      { id: 'localhost/', endpoint: 'http://localhost/', secret: ['new', 'old'], headers: { 'x-a': 'bnew' } },
    ])
    expect(parseConfig({ id: '${PATH}'.replace('PATH', firstVariable) })).toMatchObject([
      { id: process.env[firstVariable] },
    ])
  })

  const firstVariable =
    Object.keys(process.env).find((name) => /^\w+$/.test(name) && process.env[name] !== '') ?? 'PATH'

  test('is a no-op on what it has parsed', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((value) => value.trim() !== '' && !value.includes('${'))
    const duration = fc.constantFrom('PT1S', 'PT0.5S', 'PT5M', 'P1D', 'P1W')
    const section = fc.record(
      {
        enabled: fc.boolean(),
        endpoint: fc.webUrl(),
        id: text.filter((id) => !/[\p{Cc}\p{Surrogate}]/u.test(id)),
        key: text,
        connectionTimeout: duration,
        responseTimeout: duration,
        secret: fc
          .oneof(text, fc.array(text, { minLength: 1 }))
          .filter((secret) => !String(secret).includes('whsec_')),
        useSslTrustAll: fc.boolean(),
        sslKeyFile: text,
        sslKeyPassword: text,
        sslTrustFile: text,
        sslTrustPassword: text,
        events: fc.subarray([...eventTypes], { minLength: 1 }),
        headers: fc.dictionary(fc.constantFrom('a', 'b', 'authorization'), fc.stringMatching(/^[ -~]*$/)),
        retrySchedule: fc.array(duration, { minLength: 1 }),
        maxConcurrency: fc.integer({ min: 1, max: 1000 }),
        denyPrivateNetworks: fc.boolean(),
      },
      { requiredKeys: ['endpoint'] },
    )
    fc.assert(
      fc.property(section, (written) => {
        fc.pre(!JSON.stringify(written).includes('${'))
        const parsed = parseConfig(written)
        expect(parseConfig(parsed)).toStrictEqual(parsed)
        expect(parsed).toMatchObject([written])
      }),
    )
  })

  test('throws nothing but ConfigError, whatever it is given', () => {
    const known = fc.constantFrom(
      'enabled',
      'endpoint',
      'secret',
      'headers',
      'events',
      'retrySchedule',
      'id',
      'key',
    )
    const section = fc.dictionary(fc.oneof(known, fc.string()), fc.anything())
    fc.assert(
      fc.property(fc.oneof(fc.anything(), section, fc.array(section)), (anything) => {
        expect(() => listProblems(anything)).not.toThrow()
      }),
    )
  })

  test('is not changed by the names that every object inherits', () => {
    expect(listProblems(JSON.parse('{"__proto__": {"enabled": true}, "constructor": 1}'))).toEqual([
      'webHook.__proto__: is not a known key; the nearest one is "secret"',
      'webHook.constructor: is not a known key; the nearest one is "endpoint"',
    ])
    const [config] = parseConfig(JSON.parse('{"headers": {"__proto__": "a", "constructor": "b"}}'))
    expect(Object.entries(config?.headers ?? {})).toEqual([['constructor', 'b']])
    expect(Object.getPrototypeOf(config?.headers)).toBe(Object.prototype)
  })
})

test('an option that is not known is refused by name', async () => {
  const environment = { environment: {} } as object
  expect(() => parseConfig({}, environment)).toThrow('environment: is not a known option')
  await expect(loadConfig('config.json', environment)).rejects.toThrow('environment: is not a known option')
})
