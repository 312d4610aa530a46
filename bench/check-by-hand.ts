import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'

/**
 * The floor: the least that a careful person writes to take a signed body, with nothing validated or normalised.
 *
 * @throws Error when the signature is not that of the body.
 */
export function checkByHand(key: KeyObject, body: Uint8Array, signature: unknown): unknown {
  const expected = createHmac('sha256', key).update(body).digest()
  const given = Buffer.from(String(signature), 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('not authentic')
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
}
