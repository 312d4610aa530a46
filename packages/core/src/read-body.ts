import { bodyAlreadyParsed, bodyTooLarge, bodyUnreadable } from './refusals.ts'

/**
 * The bytes of a body, read up to the limit when it is a stream.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_unreadable`.
 */
export async function readBody(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  limitInBytes: number,
): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  if (
    typeof body?.[Symbol.asyncIterator] !== 'function' ||
    ('readableDidRead' in body && body.readableDidRead)
  ) {
    throw bodyAlreadyParsed('give the bytes, or the stream before anything reads it')
  }
  const chunks: Uint8Array[] = []
  let length = 0
  // Not a loop that is left early: that would destroy the stream, and with it the connection to answer on.
  const iterator = body[Symbol.asyncIterator]()
  for (let next = await step(iterator); next.done !== true; next = await step(iterator)) {
    const { value } = next
    if (!(value instanceof Uint8Array)) throw bodyAlreadyParsed('the stream must have no encoding')
    length += value.length
    if (length > limitInBytes) throw bodyTooLarge(limitInBytes)
    chunks.push(value)
  }
  return Buffer.concat(chunks, length)
}

async function step(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next()
  } catch (cause) {
    throw bodyUnreadable(cause)
  }
}
