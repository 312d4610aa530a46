import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { OptionError } from './option-error.ts'
import { TaskhookError } from './taskhook-error.ts'
import { WebhookError } from './webhook-error.ts'

const option = new OptionError('secret', 'must be a string')
const webhook = new WebhookError('key_missing', 'no key')

describe('isInstance', () => {
  test('of the base class knows every taskhook error', () => {
    for (const error of [new TaskhookError('x', 'y'), option, webhook]) {
      expect(TaskhookError.isInstance(error)).toBe(true)
    }
  })

  test('of a class knows only its own', () => {
    expect(OptionError.isInstance(option)).toBe(true)
    expect(OptionError.isInstance(webhook)).toBe(false)
    expect(OptionError.isInstance(new TaskhookError('x', 'y'))).toBe(false)
    expect(WebhookError.isInstance(webhook)).toBe(true)
    expect(WebhookError.isInstance(option)).toBe(false)
    expect(WebhookError.isInstance(new TaskhookError('x', 'y'))).toBe(false)
  })

  test.each([
    undefined,
    null,
    'key_missing',
    401,
    {},
    [],
    new Error('x'),
    { code: 'key_missing', status: 401 },
  ])('is false for %j', (value) => {
    for (const type of [TaskhookError, OptionError, WebhookError]) expect(type.isInstance(value)).toBe(false)
  })

  test('knows the errors of another copy of the package, and is known by it', async () => {
    vi.resetModules()
    const other = {
      ...(await import('./taskhook-error.ts')),
      ...(await import('./option-error.ts')),
      ...(await import('./webhook-error.ts')),
    }
    const theirs = new other.WebhookError('key_missing', 'no key')
    expect(theirs).not.toBeInstanceOf(WebhookError)
    expect(WebhookError.isInstance(theirs)).toBe(true)
    expect(TaskhookError.isInstance(theirs)).toBe(true)
    expect(OptionError.isInstance(theirs)).toBe(false)
    expect(other.WebhookError.isInstance(webhook)).toBe(true)
    expect(other.OptionError.isInstance(option)).toBe(true)
    expect(other.TaskhookError.isInstance(option)).toBe(true)
  })
})

describe('documentation', () => {
  test('is the page of the code', () => {
    const folder = 'https://github.com/taskhook/taskhook/blob/main/docs/errors/'
    expect(webhook.documentation).toBe(`${folder}key_missing.md`)
    expect(option.documentation).toBe(`${folder}option_invalid.md`)
    expect(new TaskhookError('../a b', 'y').documentation).toBe(`${folder}..%2Fa%20b.md`)
  })

  test('is no own property, so what is logged or compared stays as it was', () => {
    expect(JSON.parse(JSON.stringify(webhook))).not.toHaveProperty('documentation')
    expect(Object.keys(webhook)).not.toContain('documentation')
  })
})

describe('a subclass', () => {
  class StoreError extends TaskhookError {
    static override readonly errorName: string = 'StoreError'
    declare readonly code: 'store_full'
  }
  class DiskError extends StoreError {
    static override readonly errorName: string = 'DiskError'
  }
  class NamelessError extends StoreError {}

  // 0.1 had one isInstance for all classes that did not write their own: KeyStoreError.isInstance(configError) was true.
  test('has a marker of its own by its name alone', () => {
    const error = new StoreError('store_full', 'no room')
    expect(error).toMatchObject({ name: 'StoreError', code: 'store_full' })
    expect(StoreError.isInstance(error)).toBe(true)
    expect(TaskhookError.isInstance(error)).toBe(true)
    expect(OptionError.isInstance(error)).toBe(false)
    expect(StoreError.isInstance(option)).toBe(false)
    expect(StoreError.isInstance(new TaskhookError('store_full', 'no room'))).toBe(false)
  })

  test('of a subclass is an instance of both', () => {
    const error = new DiskError('store_full', 'no room')
    expect(error.name).toBe('DiskError')
    expect([DiskError.isInstance(error), StoreError.isInstance(error)]).toEqual([true, true])
    expect(DiskError.isInstance(new StoreError('store_full', 'no room'))).toBe(false)
  })

  test('that declares no name takes none of its siblings for its own', () => {
    expect(NamelessError.isInstance(new NamelessError('store_full', 'no room'))).toBe(true)
    expect(NamelessError.isInstance(new DiskError('store_full', 'no room'))).toBe(false)
    expect(NamelessError.isInstance(new StoreError('store_full', 'no room'))).toBe(false)
  })

  test('narrows the type', () => {
    const error: unknown = new StoreError('store_full', 'no room')
    expect(error).toSatisfy((value) => StoreError.isInstance(value))
    if (StoreError.isInstance(error)) expectTypeOf(error.code).toEqualTypeOf<'store_full'>()
    if (OptionError.isInstance(error)) expectTypeOf(error.option).toEqualTypeOf<string>()
  })
})

describe('OptionError', () => {
  test('has a code, and names the option in its message', () => {
    expect(option).toMatchObject({ name: 'OptionError', code: 'option_invalid', option: 'secret' })
    expect(option.message).toBe('secret: must be a string')
  })

  test('keeps its cause', () => {
    const cause = new Error('why')
    expect(new OptionError('sslKeyFile', 'must be readable', { cause }).cause).toBe(cause)
  })
})
