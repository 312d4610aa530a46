import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { AttemptError } from './attempt-error.ts'
import { attemptResultOf, type Answer } from './attempt-result-of.ts'
import type { AttemptResult } from './attempt-result.ts'
import { createResponseExcerpt } from './response-excerpt.ts'

/** One POST, ready to be sent. */
export interface AttemptRequest {
  path: string
  headers: Record<string, string>
  body: Buffer
}

/** What the attempts at one endpoint have in common. */
export interface AttemptContext {
  dispatcher: Pick<Dispatcher, 'dispatch'>
  /** Whether a connection to the endpoint is being made just now. */
  isConnecting: () => boolean
  responseTimeoutInMs: number
  /** Milliseconds since 1970. */
  now: () => number
}

// A body up to here is read to its end, so that the connection can be used again; beyond, a new one is cheaper.
const readLimitInBytes = 65_536

/**
 * Sends one request and reads the answer. Whatever network and receiver do is a result: the promise never rejects.
 *
 * On undici's handlers rather than its `request()`, which hears its signal only once it is connected, and costs a
 * stream an answer. With a timer of our own: those of undici are exact to half a second.
 */
export function attempt(
  request: AttemptRequest,
  { dispatcher, isConnecting, responseTimeoutInMs, now }: AttemptContext,
  signal?: AbortSignal,
): Promise<AttemptResult> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    let answer: Answer | undefined
    let controller: Dispatcher.DispatchController | undefined
    let isSettled = false

    const settle = (error?: Error): void => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      resolve(attemptResultOf({ answer, error, durationInMs: performance.now() - startedAt, now: now() }))
    }
    const cancel = (error: AttemptError): void => {
      if (isSettled) return
      settle(error)
      controller?.abort(error)
    }
    const onAbort = (): void => cancel(new AttemptError('aborted', 'the attempt was aborted'))
    const onTimeout = (): void => {
      // By default both timeouts are 30 seconds long and this one starts first; what is missing is the connection.
      const code = controller === undefined && isConnecting() ? 'connection_timeout' : 'response_timeout'
      cancel(new AttemptError(code, `no complete answer within ${responseTimeoutInMs} ms`))
    }
    // An answer that came in while this process was busy is read before the attempt is given up.
    const timer = setTimeout(() => setImmediate(onTimeout), responseTimeoutInMs)

    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    dispatcher.dispatch(
      { method: 'POST', ...request },
      {
        onRequestStart(started) {
          // undici drops a request whose handler throws here, and keeps the connection for those that wait behind it.
          if (isSettled) throw new AttemptError('aborted', 'the attempt ended before it had a connection')
          controller = started
        },
        onResponseStart(_controller, status: number, headers: IncomingHttpHeaders) {
          if (status >= 200) answer = { status, headers, body: createResponseExcerpt() }
        },
        onResponseData(_controller, chunk) {
          answer?.body.append(chunk)
          if (answer === undefined || answer.body.bytesRead <= readLimitInBytes) return
          settle()
          controller?.abort(new AttemptError('aborted', 'the rest of the response is not read'))
        },
        onResponseEnd: () => settle(),
        onResponseError: (_controller, error) => settle(error),
      },
    )
  })
}
