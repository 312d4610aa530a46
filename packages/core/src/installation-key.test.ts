import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeyCheck, readInstallation } from './installation-key.ts'

const unknown = expect.objectContaining({ code: 'key_unknown', status: 401 })
const missing = expect.objectContaining({ code: 'key_missing', status: 401 })

describe('readInstallation', () => {
  test.each([
    ['/automation/?key=a', 'a'],
    ['?key=a', 'a'],
    ['http://www.example.org/automation/?key=QueryParameterKey', 'QueryParameterKey'],
    ['/?x=1&key=a&y=2', 'a'],
    ['/?key=a#?key=b', 'a'],
    ['/?key=%C3%A4%20%26%3D%F0%9F%98%80', 'ä &=😀'],
    ['/?k%65y=a', 'a'],
    ['/?key=a+b', 'a b'],
    ['/?key=a%2Bb', 'a+b'],
    ['/?key=%zz', '%zz'],
    ['/?key=a=b', 'a=b'],
    ['/?next=/?key=b&key=a', 'a'],
  ])('of %s is %j', (url, installation) => {
    expect(readInstallation(url)).toBe(installation)
  })

  test.each([
    '/automation',
    '/?',
    '/?key',
    '/?key=',
    '/?KEY=a',
    '/?keys=a',
    '/?xkey=a',
    '/key=a',
    '/#?key=a',
    '',
  ])('of %j is nothing', (url) => {
    expect(readInstallation(url)).toBeUndefined()
  })

  test.each(['/?key=a&key=a', '/?key=a&key=b', '/?key=&key=a', '/?key=a&k%65y=b'])(
    'refuses %s, since which key is meant cannot be known',
    (url) => {
      expect(() => readInstallation(url)).toThrow(unknown)
    },
  )

  test('reads back every key that was percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        expect(readInstallation(`/automation/?key=${encodeURIComponent(key)}`)).toBe(key)
      }),
    )
  })
})

describe('createKeyCheck', () => {
  test('accepts each of the keys and no other', () => {
    const check = createKeyCheck(['north', 'süd 😀'])
    expect(() => check('north')).not.toThrow()
    expect(() => check('süd 😀')).not.toThrow()
    for (const other of ['North', 'north ', 'nort', 'northh', 'süd', '__proto__']) {
      expect(() => check(other)).toThrow(unknown)
    }
  })

  test('refuses a missing key', () => {
    expect(() => createKeyCheck('north')(undefined)).toThrow(missing)
  })

  test.each([{ key: '' }, { key: [] }, { key: ['a', ''] }, { key: [1] }, { key: {} }, { key: null }])(
    'refuses the option %j',
    ({ key }) => {
      expect(() => createKeyCheck(key as string[])).toThrow(expect.objectContaining({ option: 'key' }))
    },
  )
})
