import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { readChunk, type Answer } from './answer.ts'
import { AttemptError } from './attempt-error.ts'
import type { AttemptResult } from './attempt-result.ts'
import { toAttemptResult, type ResultContext } from './to-attempt-result.ts'
import type { AttemptsUnderWay } from './under-way.ts'

/** One POST, ready to be sent. */
export interface AttemptRequest {
  path: string
  /** Names and values in turn: what undici need not take apart. */
  headers: string[]
  body: Uint8Array
}

/** What the attempts at one endpoint have in common. */
export interface AttemptContext {
  dispatcher: Pick<Dispatcher, 'dispatch'>
  /** Whether a connection to the endpoint is being made just now. */
  isConnecting: () => boolean
  responseTimeoutInMs: number
  underWay: AttemptsUnderWay
  result: ResultContext
}

// A body up to here is read to its end, so that the connection can be used again; beyond, a new one is cheaper.
const readLimitInBytes = 65_536

/**
 * Sends one request and reads the answer. A failure of the network or the receiver is a result: the promise never
 * rejects.
 *
 * It uses undici's handlers instead of `request()`, which obeys its signal only once it is connected and creates a
 * stream for each answer. It has its own deadlines, because undici's timers are exact to half a second only.
 */
export function attempt(
  { path, headers, body }: AttemptRequest,
  { dispatcher, isConnecting, responseTimeoutInMs, underWay, result }: AttemptContext,
  signal?: AbortSignal,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    let answer: Answer | undefined
    let controller: Dispatcher.DispatchController | undefined
    let isSettled = false

    const settle = (error?: Error): void => {
      if (isSettled) return
      isSettled = true
      underWay.end(self)
      signal?.removeEventListener('abort', onAbort)
      const durationInMs = performance.now() - self.startedAt
      resolve(toAttemptResult({ answer, error, durationInMs }, result))
    }
    const cancel = (error: AttemptError): void => {
      if (isSettled) return
      settle(error)
      controller?.abort(error)
    }
    const onAbort = (): void => cancel(new AttemptError('aborted', 'the attempt was aborted'))
    const self = underWay.begin(() => {
      // By default both timeouts are 30 seconds long and this one starts first; what is missing is the connection.
      const code = controller === undefined && isConnecting() ? 'connection_timeout' : 'response_timeout'
      cancel(new AttemptError(code, `no complete answer within ${responseTimeoutInMs} ms`))
    })

    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    dispatcher.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart(started) {
          // undici drops a request whose handler throws here, and keeps the connection for those that wait behind it.
          if (isSettled) throw new AttemptError('aborted', 'the attempt ended before it had a connection')
          controller = started
        },
        onResponseStart(_controller, status: number, received: IncomingHttpHeaders) {
          if (status >= 200) answer = { status, headers: received, chunks: [], bytesRead: 0 }
        },
        onResponseData(_controller, chunk) {
          if (answer === undefined) return
          readChunk(answer, chunk)
          if (answer.bytesRead <= readLimitInBytes) return
          settle()
          controller?.abort(new AttemptError('aborted', 'the rest of the response is not read'))
        },
        onResponseEnd: () => settle(),
        onResponseError: (_controller, error) => settle(error),
      },
    )
  })
}
