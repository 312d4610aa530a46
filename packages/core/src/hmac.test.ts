import { createHmac, createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from './hmac.ts'

const part = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }))

test('is what Node.js makes of any key and any parts, one after the other under one key', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.array(part)),
      (bytes, messages) => {
        const key = createSecretKey(bytes)
        for (const parts of messages) {
          const expected = createHmac('sha256', key)
          for (const one of parts) expected.update(one)
          expect(hmacSha256(key, ...parts)).toEqual(expected.digest())
        }
      },
    ),
  )
})

test.each([16_319, 16_320, 16_321, 100_000])('is the same for a message of %i bytes', (length) => {
  const [key, message] = [createSecretKey('a secret', 'utf8'), Buffer.alloc(length, 'a')]
  expect(hmacSha256(key, message)).toEqual(createHmac('sha256', key).update(message).digest())
})
