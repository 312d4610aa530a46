import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretKey, secretKeys } from './secret.ts'

describe('secretKey', () => {
  test('is the UTF-8 bytes of a secret', () => {
    expect(secretKey('pä€😀 ').export()).toEqual(Buffer.from('pä€😀 '))
  })

  test('is the bytes that the Base64 after whsec_ stands for, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 70 }), (key) => {
        const encoded = Buffer.from(key).toString('base64')
        expect(secretKey(`whsec_${encoded}`).export()).toEqual(Buffer.from(key))
        expect(secretKey(`whsec_${encoded.replaceAll('=', '')}`).export()).toEqual(Buffer.from(key))
      }),
    )
  })

  test.each(['', '=', 'A', 'AAAAA', 'AA=', 'AAA==', 'AAAA=', 'AA==AA==', 'AA-_', 'AA AA', 'AAAA\n', 'ÄAAA'])(
    'refuses whsec_ with %j after it, which is not Base64 of a key',
    (encoded) => {
      expect(() => secretKey(`whsec_${encoded}`)).toThrow(
        expect.objectContaining({ code: 'option_invalid', option: 'secret' }),
      )
    },
  )

  test('refuses whsec_ with a key below 24 bytes, which can be guessed', () => {
    const short = Buffer.alloc(23, 'k').toString('base64')
    for (const encoded of [short, short.replaceAll('=', ''), 'AAAA']) {
      expect(() => secretKey(`whsec_${encoded}`)).toThrow('shorter than 24 bytes')
    }
  })

  test('takes whsec without its underscore, or in capitals, for a plain secret', () => {
    for (const plain of ['whsec', 'whsec-AAAA', 'WHSEC_AAAA', ' whsec_AAAA']) {
      expect(secretKey(plain).export()).toEqual(Buffer.from(plain))
    }
  })
})

describe('secretKeys', () => {
  test('is one key a secret, in their order', () => {
    const keys = secretKeys(['current', 'previous']).map((key) => key.export().toString())
    expect(keys).toEqual(['current', 'previous'])
  })

  test('names the one of several secrets that cannot be used', () => {
    expect(() => secretKeys(['current', ' '])).toThrow(expect.objectContaining({ option: 'secret[1]' }))
    expect(() => secretKeys(['current', 'whsec_!'], 'secrets')).toThrow(
      expect.objectContaining({ option: 'secrets[1]' }),
    )
  })
})
