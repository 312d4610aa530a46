import { drainStream, type NodeStreamLike } from './drain-stream.ts'
import { bodyAlreadyParsed, bodyTimeout, bodyTooLarge, bodyUnreadable } from './refusals.ts'
import type { WebhookError } from './webhook-error.ts'

/** How much is read of a body, and for how long. */
export interface BodyLimits {
  limitInBytes: number
  /** 0: without a limit. */
  timeoutInMs: number
}

/**
 * Reads a stream of Node.js up to the limits, and calls back once: with the bytes, or with the refusal `body_too_large`,
 * `body_timeout`, `body_unreadable` or `body_already_parsed`. If `declaredLength`, the `content-length` of the request, is over the limit,
 * the body is not read. The rest of a refused body is discarded, within bounds.
 *
 * It takes a callback because a promise costs a request on Fastify as much as reading the body does.
 */
export function readStream(
  stream: NodeStreamLike,
  { limitInBytes, timeoutInMs, declaredLength }: BodyLimits & { declaredLength?: string | undefined },
  done: (result: Buffer | WebhookError) => void,
): void {
  if (Number(declaredLength) > limitInBytes) {
    drainStream(stream)
    return done(bodyTooLarge(limitInBytes))
  }
  if (stream.readableEnded) return done(Buffer.alloc(0))
  if (stream.destroyed) return done(bodyUnreadable(new Error('the client has gone')))
  const chunks: Uint8Array[] = []
  let length = 0
  const timer =
    timeoutInMs === 0
      ? undefined
      : setTimeout(() => refuse(bodyTimeout(timeoutInMs, stream.httpVersionMajor)), timeoutInMs)
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('close', onClose)

  function onData(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) return refuse(bodyAlreadyParsed('the stream must have no encoding'))
    length += chunk.length
    if (length > limitInBytes) refuse(bodyTooLarge(limitInBytes))
    else chunks.push(chunk)
  }
  function onEnd(): void {
    stop()
    done(Buffer.concat(chunks, length))
  }
  function onError(error: unknown): void {
    refuse(bodyUnreadable(error))
  }
  // HTTP/2 has no error for a stream that its client has reset.
  function onClose(): void {
    refuse(bodyUnreadable(new Error('the client has gone')))
  }
  function refuse(refusal: WebhookError): void {
    stop()
    drainStream(stream)
    done(refusal)
  }
  function stop(): void {
    clearTimeout(timer)
    stream.off('data', onData)
    stream.off('end', onEnd)
    stream.off('error', onError)
    stream.off('close', onClose)
  }
}
