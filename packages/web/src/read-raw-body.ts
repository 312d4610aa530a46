import { bodyAlreadyParsed, bodyTooLarge, bodyUnreadable } from '@taskhook/core'

/**
 * The bytes of a request as they arrived, up to the limit.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_unreadable`.
 */
export async function readRawBody(request: Request, limitInBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) {
    throw bodyAlreadyParsed('verify the request first, or give verifyWebhook a request.clone() made before')
  }
  if (Number(request.headers.get('content-length')) > limitInBytes) throw bodyTooLarge(limitInBytes)
  if (request.body === null) return new Uint8Array()

  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of request.body) {
      length += chunk.length
      // Leaving the loop cancels the stream, so what is still to come is not read.
      if (length > limitInBytes) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw bodyUnreadable(cause)
  }
  if (length > limitInBytes) throw bodyTooLarge(limitInBytes)
  return concatenate(chunks, length)
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
