import { OptionError, TaskhookError } from '@taskhook/core'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { parseConfig } from './parse-config.ts'
import { validateConfig } from './validate-config.ts'
import type { ResolvedWebHookConfig, WebHookConfig } from './web-hook/config.ts'

const endpoint = 'https://www.example.org/automation'

describe('validateConfig', () => {
  test('fills in the same defaults as parseConfig', () => {
    expect([validateConfig({ enabled: true, endpoint })]).toEqual(parseConfig({ enabled: true, endpoint }))
  })

  test('takes a "${NAME}" as it is: what was parsed before may have one from a variable', () => {
    const [parsed] = parseConfig({ secret: '${A}' }, { env: { A: 'a${B}${' } }) as [ResolvedWebHookConfig]
    expect(validateConfig(parsed)).toEqual(parsed)
  })

  test('does not change what it is given, nor share it', () => {
    const config: WebHookConfig = Object.freeze({
      enabled: true,
      endpoint,
      events: Object.freeze(['OrderSigned'] as const),
    })
    const resolved = validateConfig(config)
    expect(resolved.events).toEqual(['OrderSigned'])
    expect(resolved.events).not.toBe(config.events)
  })

  test('refuses a secret that is undefined, which would turn signing off unnoticed', () => {
    // @ts-expect-error -- JavaScript, or TypeScript without exactOptionalPropertyTypes, lets it pass
    expect(() => validateConfig({ enabled: true, endpoint, secret: undefined })).toThrow(
      'webHook.secret: must be',
    )
  })

  test('refuses a list', () => {
    expect(() => validateConfig([{ enabled: true, endpoint }] as unknown as WebHookConfig)).toThrow(
      'a problem in the webHook configuration:\n  webHook: must be an object',
    )
  })

  test('throws an error that is told from other ones', () => {
    const error = thrownBy(() => validateConfig({ key: '' }))
    expect(ConfigError.isInstance(error)).toBe(true)
    expect(TaskhookError.isInstance(error)).toBe(true)
    expect(OptionError.isInstance(error)).toBe(false)
    expect(ConfigError.isInstance(new OptionError('key', 'must not be empty'))).toBe(false)
  })
})

test('an enabled configuration has an endpoint, by its type', () => {
  expectTypeOf<ResolvedWebHookConfig>().toExtend<WebHookConfig>()
  expectTypeOf<Extract<ResolvedWebHookConfig, { enabled: true }>['endpoint']>().toEqualTypeOf<string>()
  expectTypeOf<{ enabled: boolean; endpoint: string }>().toExtend<WebHookConfig>()
  expectTypeOf<{ enabled: true }>().not.toExtend<WebHookConfig>()
})

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
