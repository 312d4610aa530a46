import { hash, type KeyObject } from 'node:crypto'

const blockLength = 64
const digestLength = 32

/** What a key is made into once, see {@link hmacSha256}. */
interface PaddedKey {
  readonly inner: Buffer
  /** The outer pad, and room for a digest behind it. */
  readonly outer: Buffer
}

const paddedKeys = new WeakMap<KeyObject, PaddedKey>()
// The inner pad and the message behind it are put together here. One for all, since it is used and done with in one go.
const scratch = Buffer.alloc(16_384)

/**
 * HMAC-SHA256 (RFC 2104) of the parts, one after the other, as two one-shot hashes over pads that are made once a key. An `Hmac` of
 * Node.js is a native object to set up and to collect for each message: twice the time by itself, and more beside other work.
 */
export function hmacSha256(key: KeyObject, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const { inner, outer } = padKey(key)
  const message = writeBehind(inner, parts)
  outer.write(hash('sha256', message, 'binary'), blockLength, 'latin1')
  // By way of a string, since a digest as a buffer is allocated outside the pool.
  return Buffer.from(hash('sha256', outer, 'binary'), 'binary')
}

/** The inner pad followed by the parts, in the scratch where they fit. */
function writeBehind(inner: Buffer, parts: readonly (Uint8Array | string)[]): Buffer {
  let length = blockLength
  for (const part of parts) length += typeof part === 'string' ? part.length * 3 : part.length
  if (length > scratch.length) {
    return Buffer.concat([
      inner,
      ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
    ])
  }
  scratch.set(inner)
  let offset = blockLength
  for (const part of parts) {
    if (typeof part === 'string') offset += scratch.write(part, offset)
    else {
      scratch.set(part, offset)
      offset += part.length
    }
  }
  return scratch.subarray(0, offset)
}

function padKey(key: KeyObject): PaddedKey {
  const known = paddedKeys.get(key)
  if (known !== undefined) return known
  const exported = key.export()
  const bytes = exported.length > blockLength ? hash('sha256', exported, 'buffer') : exported
  const inner = Buffer.alloc(blockLength, 0x36)
  const outer = Buffer.alloc(blockLength + digestLength, 0x5c)
  for (const [index, byte] of bytes.entries()) {
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
  const padded = { inner, outer }
  paddedKeys.set(key, padded)
  return padded
}
