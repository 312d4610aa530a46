import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { memoryDedupe } from './memory-dedupe.ts'
import { OptionError } from './option-error.ts'
import { createVerifier, type WebhookVerifier } from './verifier.ts'
import type { VerifierOptions } from './verifier-options.ts'

const secret = 'correct horse battery staple'

function refusalOf(options: unknown): unknown {
  try {
    createVerifier(options as VerifierOptions)
    return undefined
  } catch (error) {
    return error
  }
}

describe('the options of a verifier', () => {
  test.each<[string, object]>([
    ['secret', { secret: '' }],
    ['secret', { secret: ' \t\n' }],
    ['secret', { secret: undefined }],
    ['secret', { secret: null }],
    ['secret', { secret: true }],
    ['secret', { secret: 0 }],
    ['secret', { secret: [] }],
    ['secret', { secret: {} }],
    ['secret', { secret: Buffer.from(secret) }],
    ['secret', { secret: 'whsec_' }],
    ['secret', { secret: 'whsec_not Base64' }],
    ['secret[1]', { secret: [secret, ''] }],
    ['secret[0]', { secret: [undefined, secret] }],
    ['secret[0]', { secret: [false] }],
    ['key', { key: '' }],
    ['key', { key: [] }],
    ['key', { key: ['north', ''] }],
    ['key', { key: null }],
    ['key', { key: 1 }],
    ['schema', { schema: {} }],
    ['schema', { schema: null }],
    ['schema', { schema: () => true }],
    ['schema', { schema: { '~standard': {} } }],
    ['unknownEvents', { unknownEvents: 'drop' }],
    ['unknownEvents', { unknownEvents: null }],
    ['unknownEvents', { unknownEvents: ['ignore'] }],
    ['onIgnored', { onIgnored: 'log' }],
    ['onIgnored', { onIgnored: null }],
    ['replayProtection', { replayProtection: true }],
    ['replayProtection', { replayProtection: 'Required' }],
    ['replayProtection', { secret: false, replayProtection: 'required' }],
    ['toleranceInSeconds', { toleranceInSeconds: -1 }],
    ['toleranceInSeconds', { toleranceInSeconds: Number.NaN }],
    ['toleranceInSeconds', { toleranceInSeconds: Number.POSITIVE_INFINITY }],
    ['toleranceInSeconds', { toleranceInSeconds: '300' }],
    ['toleranceInSeconds', { toleranceInSeconds: null }],
    ['dedupe', { dedupe: {} }],
    ['dedupe', { dedupe: null }],
    ['dedupe', { dedupe: new Map() }],
    ['dedupe', { dedupe: { ...memoryDedupe(), begin: undefined } }],
    ['dedupe', { dedupe: { begin: async () => 'new', commit: async () => {}, abort: async () => {} } }],
    ['dedupe', { dedupe: { ...memoryDedupe(), claimInMs: 86_400_001 } }],
    ['dedupe', { dedupe: { ...memoryDedupe(), keepInMs: Number.NaN } }],
    ['handlingTimeoutInMs', { handlingTimeoutInMs: 0 }],
    ['handlingTimeoutInMs', { handlingTimeoutInMs: '900000' }],
    ['dedupe', { secret: false, dedupe: memoryDedupe() }],
    ['bodyLimitInBytes', { bodyLimitInBytes: 0 }],
    ['bodyLimitInBytes', { bodyLimitInBytes: -1 }],
    ['bodyLimitInBytes', { bodyLimitInBytes: 1.5 }],
    ['bodyLimitInBytes', { bodyLimitInBytes: Number.POSITIVE_INFINITY }],
    ['bodyLimitInBytes', { bodyLimitInBytes: '64kb' }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: -1 }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: 0.5 }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: 2 ** 31 }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: '30s' }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: true }],
    ['bodyTimeoutInMs', { bodyTimeoutInMs: null }],
    ['contentType', { contentType: 'application/json' }],
    ['contentType', { contentType: false }],
    ['now', { now: 0 }],
    ['now', { now: new Date() }],
  ])('refuse a wrong %s: %j', (option, wrong) => {
    const error = refusalOf({ secret, ...wrong })
    expect(error).toBeInstanceOf(OptionError)
    expect(error).toMatchObject({
      code: 'option_invalid',
      option,
      message: expect.stringMatching(/^[^:]+: ./),
    })
    expect((error as OptionError).message.startsWith(`${option}: `)).toBe(true)
  })

  test('must be there', () => {
    for (const nothing of [undefined, {}]) expect(refusalOf(nothing)).toMatchObject({ option: 'secret' })
    expect(refusalOf(null)).toMatchObject({ option: 'options' })
  })

  test('say of a secret that is undefined where it may come from', () => {
    const secretOfEnvironment = process.env['TASKHOOK_TEST_NO_SUCH_VARIABLE']
    expect(refusalOf({ secret: secretOfEnvironment })).toMatchObject({
      message: expect.stringContaining('set its environment variable'),
    })
  })

  test.each([
    ['replayprotection', 'replayProtection'],
    ['tolerance', 'toleranceInSeconds'],
    ['secrets', 'secret'],
    ['deduplicate', 'dedupe'],
  ])('that are not known are refused by name: %s, not %s', (wrong, nearest) => {
    expect(refusalOf({ secret, [wrong]: undefined })).toMatchObject({
      code: 'option_invalid',
      option: wrong,
      message: `${wrong}: is not a known option; the nearest one is "${nearest}"`,
    })
  })

  // A replay was new again for half of the tolerance.
  test('may not take what the dedupe store has forgotten', () => {
    const dedupe = memoryDedupe({ keepInMs: 600_000 })
    expect(refusalOf({ secret, dedupe, toleranceInSeconds: 300 })).toBeUndefined()
    expect(refusalOf({ secret, dedupe, toleranceInSeconds: 301 })).toMatchObject({
      option: 'toleranceInSeconds',
      message: expect.stringContaining('keepInMs'),
    })
  })

  test('may be undefined, which is the default', () => {
    const keys = [
      'key',
      'schema',
      'unknownEvents',
      'onIgnored',
      'replayProtection',
      'toleranceInSeconds',
      'dedupe',
      'handlingTimeoutInMs',
      'bodyLimitInBytes',
      'bodyTimeoutInMs',
      'contentType',
      'now',
    ]
    expect(
      refusalOf({ secret, ...Object.fromEntries(keys.map((name) => [name, undefined])) }),
    ).toBeUndefined()
  })

  test('are not changed, and may be frozen', () => {
    const options = Object.freeze({ secret: Object.freeze([secret]), key: Object.freeze(['north']) })
    expect(refusalOf(options)).toBeUndefined()
  })

  test('never have their values in an error', () => {
    const values = fc.stringMatching(/^[a-zA-Z0-9]{20}$/)
    fc.assert(
      fc.property(values, (value) => {
        const wrong = [
          { secret: { value } },
          { secret: [[value]] },
          { secret: `whsec_!${value}` },
          { secret: [value, `whsec_!${value}`] },
          { secret: Buffer.from(value) },
          { secret: value, key: ['', value] },
          { secret: value, key: { value } },
          { secret: value, unknownEvents: value },
          { secret: value, bodyLimitInBytes: value },
        ]
        for (const options of wrong) {
          const error = refusalOf(options)
          expect(error).toBeInstanceOf(OptionError)
          expect(inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error)).not.toContain(value)
        }
      }),
    )
  })
})

describe('the types of the options', () => {
  test('take the event from the schema', () => {
    const schema = z.object({
      eventType: z.literal('A'),
      at: z.iso.datetime().transform((text) => new Date(text)),
    })
    const verifier = createVerifier({ secret, schema })
    expectTypeOf(verifier).toEqualTypeOf<WebhookVerifier<{ eventType: 'A'; at: Date }>>()
  })

  test('refuse what cannot work', () => {
    // @ts-expect-error a secret must be there
    expect(() => createVerifier({})).toThrow('secret')
    // @ts-expect-error true is no secret
    expect(() => createVerifier({ secret: true })).toThrow('secret')
    // @ts-expect-error no such choice
    expect(() => createVerifier({ secret, replayProtection: 'always' })).toThrow('replayProtection')
    // @ts-expect-error no such option
    expect(() => createVerifier({ secret, tolerance: 300 })).toThrow('tolerance')
  })
})
