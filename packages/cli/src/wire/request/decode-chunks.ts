/** A body with `Transfer-Encoding: chunked` (RFC 9112 section 7.1), put together; `undefined` when it is none. */
export function decodeChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  let position = 0
  for (;;) {
    const end = bytes.indexOf('\n', position)
    if (end === -1) return undefined
    const [, digits] =
      /^([0-9a-f]{1,8})[ \t]*(?:;.*)?\r?$/i.exec(bytes.toString('latin1', position, end)) ?? []
    if (digits === undefined) return undefined
    const length = Number.parseInt(digits, 16)
    if (length === 0) return Buffer.concat(chunks)
    position = end + 1
    if (position + length > bytes.length) return undefined
    chunks.push(bytes.subarray(position, position + length))
    position += length
    if (bytes[position] === 0x0d) position += 1
    if (bytes[position] === 0x0a) position += 1
  }
}
