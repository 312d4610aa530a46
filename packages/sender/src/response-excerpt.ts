/** What is kept of a response body. */
const excerptLimitInBytes = 16_384

/** The first bytes of a body, and a count of the rest. */
export interface ResponseExcerpt {
  append(chunk: Buffer): void
  readonly bytesRead: number
  readonly truncated: boolean
  text(): string
}

/** Collects the first {@link excerptLimitInBytes} of a body and forgets the rest as it comes. */
export function createResponseExcerpt(): ResponseExcerpt {
  const chunks: Buffer[] = []
  let bytesRead = 0
  return {
    append(chunk) {
      const room = excerptLimitInBytes - bytesRead
      if (room > 0) chunks.push(chunk.subarray(0, room))
      bytesRead += chunk.length
    },
    get bytesRead() {
      return bytesRead
    },
    get truncated() {
      return bytesRead > excerptLimitInBytes
    },
    // Not with a TextDecoder, which would drop a byte order mark: this is a record of what was sent.
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
