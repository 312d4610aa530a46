import { bodyAlreadyParsed, bodyTimeout, bodyTooLarge, bodyUnreadable } from './refusals.ts'
import type { BodyToRead } from './read-body.ts'

/** What yields the bytes of a body: the iterator or the reader of a stream. */
export interface BodyIterator {
  next(): Promise<IteratorResult<Uint8Array, unknown>>
}

/**
 * Reads what an iterator yields, up to the limits. It is not ended early: to end it would destroy the stream behind it,
 * and with that the connection to answer on.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_timeout`, `body_unreadable`.
 */
export async function readIterator(
  iterator: BodyIterator,
  { limitInBytes, timeoutInMs, declaredLength }: BodyToRead,
): Promise<Uint8Array> {
  if (Number(declaredLength) > limitInBytes) throw bodyTooLarge(limitInBytes)
  const { promise: timedOut, reject } = Promise.withResolvers<never>()
  timedOut.catch(() => {})
  const timer =
    timeoutInMs === 0 ? undefined : setTimeout(() => reject(bodyTimeout(timeoutInMs)), timeoutInMs)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const next = await Promise.race([step(iterator), timedOut])
      if (next.done === true) return concatenate(chunks, length)
      const { value } = next
      if (!(value instanceof Uint8Array)) throw bodyAlreadyParsed('the stream must have no encoding')
      length += value.length
      if (length > limitInBytes) throw bodyTooLarge(limitInBytes)
      chunks.push(value)
    }
  } finally {
    clearTimeout(timer)
  }
}

async function step(iterator: BodyIterator): Promise<IteratorResult<Uint8Array, unknown>> {
  try {
    return await iterator.next()
  } catch (cause) {
    throw bodyUnreadable(cause)
  }
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
