import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OptionError } from './option-error.ts'
import { decodeSignature, sign, verifySignature } from './signature.ts'

const secret = 'correct horse battery staple'
const body = Buffer.from('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}')
const hex = sign(body, secret)

const bytes = fc.uint8Array({ maxLength: 300 })
// Every UTF-16 code unit, so lone surrogates and NUL too.
const anyString = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 }).map(fromCodeUnits)

function fromCodeUnits(units: readonly number[]): string {
  return String.fromCharCode(...units)
}

/** The same characters with another high byte, which Node.js ignores when it decodes. */
function shifted(text: string): string {
  return fromCodeUnits(Array.from(text, (character) => 0x100 + character.charCodeAt(0)))
}

function encodings(digest: Buffer): string[] {
  const plain = [
    digest.toString('hex'),
    digest.toString('hex').toUpperCase(),
    digest.toString('base64'),
    digest.toString('base64').replace('=', ''),
    digest.toString('base64url'),
    `${digest.toString('base64url')}=`,
  ]
  return [...plain, ...plain.map((encoded) => `sha256=${encoded}`)]
}

/** A body whose signature has both characters that Base64 and Base64url do not share. */
function bodyWithBothSpecialCharacters(): Buffer {
  for (let number = 0; ; number += 1) {
    const candidate = Buffer.from(String(number))
    const encoded = createHmac('sha256', secret).update(candidate).digest('base64')
    if (encoded.includes('+') && encoded.includes('/')) return candidate
  }
}

describe('sign', () => {
  test.each([
    [
      '1',
      '0b'.repeat(20),
      Buffer.from('Hi There').toString('hex'),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      '2',
      Buffer.from('Jefe').toString('hex'),
      Buffer.from('what do ya want for nothing?').toString('hex'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      '3',
      'aa'.repeat(20),
      'dd'.repeat(50),
      '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    ],
    [
      '4',
      '0102030405060708090a0b0c0d0e0f10111213141516171819',
      'cd'.repeat(50),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
    [
      '6',
      'aa'.repeat(131),
      Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      '7',
      'aa'.repeat(131),
      Buffer.from(
        'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
      ).toString('hex'),
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ])('gives the result of RFC 4231, test case %s', (_case, key, data, expected) => {
    // HMAC fills a key up with zeros, so one that is too short for whsec_ may be longer.
    const bytesOfKey = Buffer.from(key.padEnd(48, '0'), 'hex')
    const keySecret = `whsec_${bytesOfKey.toString('base64')}`
    expect(sign(Buffer.from(data, 'hex'), keySecret)).toBe(expected)
  })

  test('is the HMAC of node:crypto in lower-case hex, for any bytes and any secret', () => {
    const secrets = fc
      .string({ unit: 'grapheme' })
      .filter((one) => one.trim() !== '' && !one.startsWith('whsec_'))
    fc.assert(
      fc.property(bytes, secrets, (data, anySecret) => {
        const expected = createHmac('sha256', Buffer.from(anySecret)).update(data).digest('hex')
        expect(sign(data, anySecret)).toBe(expected)
      }),
    )
  })

  test('takes a string for its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(sign(text, secret)).toBe(sign(new TextEncoder().encode(text), secret))
      }),
    )
  })

  test.each(['', ' ', '\t\r\n', '\u00a0\ufeff'])('refuses the blank secret %j', (blank) => {
    expect(() => sign(body, blank)).toThrow(OptionError)
  })
})

describe('verifySignature', () => {
  test('accepts every encoding of the signature of any bytes', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const digest = createHmac('sha256', secret).update(data).digest()
        const refused = encodings(digest).filter((header) => !verifySignature(data, header, secret))
        expect(refused).toEqual([])
      }),
    )
  })

  test('refuses every encoding of a signature with one bit changed', () => {
    fc.assert(
      fc.property(bytes, fc.nat(255), (data, bit) => {
        const digest = createHmac('sha256', secret).update(data).digest()
        digest[bit >> 3]! ^= 1 << (bit & 7)
        expect(encodings(digest).filter((header) => verifySignature(data, header, secret))).toEqual([])
      }),
    )
  })

  test('refuses a body with one byte changed, added or removed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (data, position) => {
        const header = sign(data, secret)
        const changed = data.slice()
        changed[position % data.length]! ^= 1
        for (const other of [changed, data.subarray(1), Buffer.concat([data, Buffer.of(0)])]) {
          expect(verifySignature(other, header, secret)).toBe(false)
        }
      }),
    )
  })

  test('does not take the byte FF for the replacement character that it decodes to', () => {
    const replaced = Buffer.from('\ufffd')
    expect(verifySignature(Buffer.of(0xff), sign(replaced, secret), secret)).toBe(false)
    expect(verifySignature(replaced, sign(Buffer.of(0xff), secret), secret)).toBe(false)
  })

  test('signs the part of a larger buffer that it is given', () => {
    const larger = Buffer.concat([Buffer.from('before'), body, Buffer.from('after')])
    expect(verifySignature(larger.subarray(6, 6 + body.length), hex, secret)).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['a space', ' '],
    ['the prefix alone', 'sha256='],
    ['one digit less', hex.slice(1)],
    ['one digit more', `${hex}0`],
    ['twice the digits', hex + hex],
    ['an odd letter', `g${hex.slice(1)}`],
    ['a space before', ` ${hex}`],
    ['a space after', `${hex} `],
    ['a line break after', `${hex}\n`],
    ['NUL after', `${hex}\0`],
    ['NUL for a digit', `${hex.slice(1)}\0`],
    ['64 times NUL', '\0'.repeat(64)],
    ['64 characters whose low bytes are the digits', shifted(hex)],
    ['one character whose low byte is the digit', shifted(hex.slice(0, 1)) + hex.slice(1)],
    ['64 full-width digits', hex.replaceAll(/./g, '\uff10')],
    ['64 lone surrogates', '\ud800'.repeat(64)],
    ['32 characters of two code units', '\u{1f600}'.repeat(32)],
    ['two, with a comma and a space', `${hex}, ${hex}`],
    ['two, with a comma', `${hex},${hex}`],
    ['two, with a space', `${hex} ${hex}`],
    ['the right one and another', `${hex}, ${'0'.repeat(64)}`],
    ['the prefix twice', `sha256=sha256=${hex}`],
    ['another prefix', `sha1=${hex}`],
    ['a scheme before it', `v1,${Buffer.from(hex, 'hex').toString('base64')}`],
    ['hex in quotes', `"${hex}"`],
    ['an array index', '__proto__'],
  ])('is false for %s', (_what, header) => {
    expect(verifySignature(body, header, secret)).toBe(false)
  })

  test('is false for Base64 with a wrong length, padding, last bits or characters', () => {
    const data = bodyWithBothSpecialCharacters()
    const encoded = createHmac('sha256', secret).update(data).digest('base64')
    const last = encoded.charAt(42)
    const malformed = [
      encoded.slice(1),
      `A${encoded}`,
      `${encoded}=`,
      `=${encoded.slice(0, 43)}`,
      `${encoded} `,
      `${encoded}\n`,
      encoded.replace('+', '-'),
      encoded.replace('/', '_'),
      encoded.replace('+', ' '),
      `${encoded.slice(0, 42)}${String.fromCharCode(last.charCodeAt(0) + 1)}=`,
      shifted(encoded),
      shifted(encoded.slice(0, 1)) + encoded.slice(1),
      `${encoded.slice(0, 20)}\n${encoded.slice(20)}`,
    ]
    expect(verifySignature(data, encoded, secret)).toBe(true)
    expect(malformed.filter((header) => verifySignature(data, header, secret))).toEqual([])
  })

  test.each([undefined, null, 1, {}, [hex], Buffer.from(hex, 'hex')])(
    'is false for the header %j, which is no string',
    (header) => {
      expect(verifySignature(body, header as string, secret)).toBe(false)
    },
  )

  test('neither throws nor is true for any header that is not the signature', () => {
    fc.assert(
      fc.property(anyString, (header) => {
        expect(verifySignature(body, header, secret)).toBe(false)
        expect(verifySignature(body, `sha256=${header}`, secret)).toBe(false)
      }),
    )
  })

  test('accepts each of several secrets, in any place, and no other', () => {
    const secrets = ['the current one', 'the previous one', 'the one before']
    for (const one of secrets) expect(verifySignature(body, sign(body, one), secrets)).toBe(true)
    expect(verifySignature(body, sign(body, 'another one'), secrets)).toBe(false)
  })

  test('takes a secret for its bytes as they are, spaces at its ends included', () => {
    expect(verifySignature(body, sign(body, 'key'), 'key ')).toBe(false)
    expect(verifySignature(body, sign(body, 'key'), 'KEY')).toBe(false)
  })

  test('takes whsec_ and the Base64 of a key for that key', () => {
    const key = Buffer.alloc(25, 250)
    const header = createHmac('sha256', key).update(body).digest('hex')
    expect(verifySignature(body, header, `whsec_${key.toString('base64')}`)).toBe(true)
    expect(verifySignature(body, header, `whsec_${key.toString('base64').replaceAll('=', '')}`)).toBe(true)
    expect(verifySignature(body, header, key.toString('base64'))).toBe(false)
  })

  test.each([
    ['an empty secret', ''],
    ['a blank secret', ' \t'],
    ['no secrets', []],
    ['a blank one of several', ['right', ' ']],
    ['no secret', undefined],
    ['a secret that is a number', 1],
    ['a secret that is bytes', Buffer.from('secret')],
    ['whsec_ with nothing after it', 'whsec_'],
    ['whsec_ with something else than Base64', 'whsec_-_-_'],
  ])('refuses %s, also when the header is malformed', (_what, wrong) => {
    expect(() => verifySignature(body, hex, wrong as string)).toThrow(OptionError)
    expect(() => verifySignature(body, '', wrong as string)).toThrow(OptionError)
  })

  test.each(['text', { taskId: '1' }, undefined, null, [1, 2]])(
    'refuses the body %j, which is not bytes',
    (wrong) => {
      expect(() => verifySignature(wrong as never, hex, secret)).toThrow(
        expect.objectContaining({ option: 'body' }),
      )
    },
  )

  test.each([{ taskId: '1' }, undefined, null, 5])('signs no body %j', (wrong) => {
    expect(() => sign(wrong as never, secret)).toThrow(expect.objectContaining({ option: 'body' }))
  })
})

describe('decodeSignature', () => {
  test('decodes nothing but the encodings of 32 bytes', () => {
    const alphabet = 'ABab01+/-_= ,\0\u0130\ud800'.split('')
    const nearly = fc
      .array(fc.constantFrom(...alphabet), { minLength: 42, maxLength: 65 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.oneof(nearly, anyString), (header) => {
        const digest = decodeSignature(header)
        const accepted = digest === undefined ? [] : encodings(digest).map((one) => one.toLowerCase())
        expect(digest === undefined || accepted.includes(header.toLowerCase())).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
