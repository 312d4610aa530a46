import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import published from '../../../webhook.schema.json' with { type: 'json' }
import { parseConfig } from '../parse-config.ts'
import { webHookJsonSchema } from './json-schema.ts'
import { webHookKeys } from './schema.ts'

const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
  published,
)

const endpoint = 'http://www.example.org/automation'
const env = { NAME: 'PT1S', EVENT: 'OrderSigned', ENDPOINT: endpoint }

function isParsed(section: unknown): boolean {
  try {
    parseConfig(section, { env })
    return true
  } catch {
    return false
  }
}

describe('webhook.schema.json', () => {
  test('is what the rules say; after a change: pnpm --filter @taskhook/sender generate', () => {
    expect(published).toEqual(webHookJsonSchema())
  })

  test('describes every key', () => {
    const { properties } = published.$defs.endpoint
    expect(Object.keys(properties)).toEqual(webHookKeys)
    for (const property of Object.values(properties)) expect(property.description).toMatch(/\.$/)
  })

  test.each([
    {},
    [],
    { enabled: true, endpoint },
    { enabled: false, useSslClientCert: false },
    [
      { enabled: true, endpoint },
      { enabled: true, endpoint: 'HTTPS://example.com', key: 'k', events: ['OrderSigned'] },
    ],
    { secret: 'a' },
    { secret: ['a', 'b'], headers: { authorization: 'Bearer abc' } },
    { connectionTimeout: 'PT0.5S', responseTimeout: 'P1DT2H', retrySchedule: ['PT0S', 'pt5s', '+P1W'] },
    {
      connectionTimeout: '${NAME}',
      endpoint: '${ENDPOINT}',
      events: ['${EVENT}'],
      retrySchedule: ['${NAME}'],
    },
    {
      useSslTrustAll: false,
      useSslClientCert: true,
      sslKeyFile: 'a.p12',
      sslKeyPassword: '',
      sslTrustFile: 'b.pem',
    },
    { id: 'x'.repeat(255), maxConcurrency: 1000, denyPrivateNetworks: true },
  ])('accepts %j, as the parser does', (section) => {
    expect(isParsed(section)).toBe(true)
    expect(validate(section)).toBe(true)
  })

  test.each([
    'x',
    null,
    [[]],
    { enabled: 'true' },
    { enabled: true },
    { endpont: endpoint },
    { endpoint: 'www.example.org' },
    { useSslClientCert: true },
    { secret: [] },
    { secret: '' },
    { secret: 3 },
    { connectionTimeout: '30s' },
    { connectionTimeout: 'P1Y' },
    { connectionTimeout: '-PT1S' },
    { retrySchedule: [] },
    { retrySchedule: ['30s'] },
    { events: [] },
    { events: ['OrderSignd'] },
    { events: ['OrderSigned', 'OrderSigned'] },
    { headers: { a: 1 } },
    { maxConcurrency: 0 },
    { maxConcurrency: 1.5 },
    { id: '' },
    { id: 'x'.repeat(256) },
    { key: '' },
  ])('refuses %j, as the parser does', (section) => {
    expect(isParsed(section)).toBe(false)
    expect(validate(section)).toBe(false)
  })
})
