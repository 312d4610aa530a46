import { v7 } from 'uuid'

const bytesOfId = 16
// Of 256 ids. To ask the operating system for each one takes longer than all else that an id needs.
const random = new Uint8Array(256 * bytesOfId)
let usedBytes = random.length
let latestMs = Number.NEGATIVE_INFINITY
let sequence = 0

/**
 * An id that is ordered by time (UUID version 7, RFC 9562), after all earlier ones of this process: so what is accepted one after the
 * other is in one place of an index of ids.
 */
export function timeOrderedId(): string {
  if (usedBytes === random.length) {
    crypto.getRandomValues(random)
    usedBytes = 0
  }
  const bytes = random.subarray(usedBytes, (usedBytes += bytesOfId))
  const now = Date.now()
  if (now > latestMs) {
    latestMs = now
    // RFC 9562 section 6.2, method 1: it begins in the lower half, so that it has room to count.
    sequence = ((bytes[0]! & 0x7f) << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!
  } else {
    sequence = (sequence + 1) | 0
    if (sequence === 0) latestMs += 1
  }
  return v7({ random: bytes, msecs: latestMs, seq: sequence })
}
