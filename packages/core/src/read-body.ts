import { drainReader } from './drain-reader.ts'
import type { NodeStreamLike } from './drain-stream.ts'
import { readIterator } from './read-iterator.ts'
import { readStream, type BodyLimits } from './read-stream.ts'
import { bodyAlreadyParsed } from './refusals.ts'
import { WebhookError } from './webhook-error.ts'

/** The bytes of a body, or what they arrive by: a stream of Node.js or of the web platform, or another iterable. */
export type BodySource = Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** The stream to read, and what is known about it before. */
export interface BodyToRead extends BodyLimits {
  /** The request's `content-length`: a body that says that it is over the limit is not read. */
  declaredLength?: string | undefined
}

/**
 * The bytes of a body. If it is a stream, it is read up to the limits. The rest of a refused body is discarded, within
 * bounds, so that its client can read the answer.
 *
 * @throws WebhookError `body_already_parsed`, `body_too_large`, `body_timeout`, `body_unreadable`.
 */
export async function readBody(body: BodySource, options: BodyToRead): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body
  const isObject = typeof body === 'object' && body !== null
  if (isObject && 'getReader' in body) return readWebStream(body.getReader(), options)
  if (
    !isObject ||
    typeof body[Symbol.asyncIterator] !== 'function' ||
    ('readableDidRead' in body && body.readableDidRead)
  ) {
    throw bodyAlreadyParsed('give the bytes, or the stream before anything reads it')
  }
  if (!isNodeStream(body)) return readIterator(body[Symbol.asyncIterator](), options)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  readStream(body, options, (result) => (WebhookError.isInstance(result) ? reject(result) : resolve(result)))
  return promise
}

function isNodeStream(body: object): body is NodeStreamLike {
  return 'readableDidRead' in body && 'on' in body && typeof body.on === 'function'
}

// By its reader, which can be canceled while it waits; and not every platform iterates over such streams.
async function readWebStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  options: BodyToRead,
): Promise<Uint8Array> {
  try {
    return await readIterator({ next: async () => reader.read() }, options)
  } catch (error) {
    void drainReader(reader)
    throw error
  }
}
