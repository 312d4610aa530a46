import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toDedupeKey } from './dedupe-key.ts'

describe('toDedupeKey', () => {
  test('keeps the ids that senders give, with and without a tenant', () => {
    for (const id of [
      '07c6ad8c-2f0b-4d6e-9a51-5ad3f6a3d1c0',
      'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
      'q83vEjRWeJq8_-AA.07c6ad8c-2f0b-4d6e-9a51-5ad3f6a3d1c0',
    ]) {
      expect(toDedupeKey(id)).toBe(id)
    }
  })

  test.each(['', '\0', 'é', '\ud800', '😀', '#abc', 'x'.repeat(65), 'line\nbreak'])(
    'gives %j a short name in printable ASCII',
    (id) => {
      expect(toDedupeKey(id)).toMatch(/^#[\w-]{43}$/)
    },
  )

  test('gives different ids different names', () => {
    const id = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 70 }),
      fc.string({
        unit: fc.constantFrom('\ud800', '\ud801', '\udc00', '\0', 'a', 'A', 'é', '#'),
        maxLength: 4,
      }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 20 }), (ids) => {
        expect(new Set(ids.map(toDedupeKey)).size).toBe(ids.length)
      }),
      { numRuns: 30 },
    )
    // The name of one id is itself an id.
    expect(toDedupeKey(toDedupeKey('\0'))).not.toBe(toDedupeKey('\0'))
  })
})
