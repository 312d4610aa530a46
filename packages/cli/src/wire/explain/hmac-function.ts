import { createHmac, hash } from 'node:crypto'

const blockLength = 64

/**
 * Makes an HMAC function whose result has one character for each byte. For SHA-256 it uses one-shot hashes (RFC 2104):
 * a search makes hundreds of thousands, and each `Hmac` of Node.js is an object to collect.
 */
export function createHmacFunction(algorithm: string): (key: Buffer, message: Buffer) => string {
  if (algorithm !== 'sha256') {
    return (key, message) => createHmac(algorithm, key).update(message).digest('binary')
  }
  const pads = new WeakMap<Buffer, { inner: Buffer; outer: Buffer }>()
  return (key, message) => {
    let padded = pads.get(key)
    if (padded === undefined) pads.set(key, (padded = pad(key)))
    const { inner, outer } = padded
    outer.write(hash('sha256', Buffer.concat([inner, message]), 'binary'), blockLength, 'latin1')
    return hash('sha256', outer, 'binary')
  }
}

function pad(key: Buffer): { inner: Buffer; outer: Buffer } {
  const bytes = key.length > blockLength ? hash('sha256', key, 'buffer') : key
  const inner = Buffer.alloc(blockLength, 0x36)
  const outer = Buffer.alloc(blockLength + 32, 0x5c)
  for (const [index, byte] of bytes.entries()) {
    inner[index] = byte ^ 0x36
    outer[index] = byte ^ 0x5c
  }
  return { inner, outer }
}
