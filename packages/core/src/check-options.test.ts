import { expect, test } from 'vitest'
import { checkGivenOptions, checkOptions } from './check-options.ts'

interface Options {
  secret?: string
  replayProtection?: string
}
const known = { secret: true, replayProtection: true } as const

test('takes known options, some of them, or none', () => {
  expect(() => {
    checkOptions<Options>({ secret: 'x', replayProtection: 'required' }, known)
    checkOptions<Options>({}, known)
    checkOptions<Options>(undefined, known)
  }).not.toThrow()
})

test.each([
  ['replayprotection', 'replayProtection'],
  ['secrets', 'secret'],
  ['constructor', 'secret'],
  ['__proto__', 'secret'],
])('refuses %s, and names %s', (name, nearest) => {
  const options = Object.defineProperty({}, name, { value: undefined, enumerable: true })
  expect(() => checkOptions<Options>(options, known)).toThrow(
    expect.objectContaining({
      code: 'option_invalid',
      option: name,
      message: `${name}: is not a known option; the nearest one is "${nearest}"`,
    }),
  )
})

test.each([null, 'secret', 1])('refuses %j in place of the options', (options) => {
  expect(() => checkOptions<Options>(options as Options, known)).toThrow('options: must be an object')
})

test.each([undefined, null, 'secret'])('refuses %j in place of options that must be there', (options) => {
  expect(() => checkGivenOptions<Options>(options as never, known)).toThrow('options: must be an object')
})

test('refuses an unknown one among options that must be there', () => {
  expect(() => checkGivenOptions({ secrets: 'x' } as Options, known)).toThrow('"secret"')
})

test('is given every name by its type', () => {
  // @ts-expect-error -- replayProtection is missing
  checkOptions<Options>({}, { secret: true })
  // @ts-expect-error -- no such option
  checkOptions<Options>({}, { secret: true, replayProtection: true, key: true })
  expect.assertions(0)
})
