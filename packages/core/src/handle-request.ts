import { checkOptions } from './check-options.ts'
import { observeRequest, type HandlingFailure } from './observe-request.ts'
import { OptionError } from './option-error.ts'
import { readBody, type BodySource } from './read-body.ts'
import type { BodyLimits } from './read-stream.ts'
import { receiveWebhook, type ReceivedWebhook } from './received-webhook.ts'
import type { Verification } from './verification.ts'
import { WebhookError } from './webhook-error.ts'
import type { HeaderRecord, WebhookHeaders } from './webhook-headers.ts'

/** A request as {@link WebhookVerifier.handle} takes it. */
export interface RequestToHandle {
  headers: WebhookHeaders
  /** As it arrived: absolute, or the path and query. */
  url: string
  /**
   * The bytes as they arrived, or the stream that they arrive on. A stream is read up to `bodyLimitInBytes` and for
   * `bodyTimeoutInMs`.
   */
  body: BodySource
}

/** What to answer. */
export interface WebhookAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** What a handler may do: say what to answer, or return nothing for a 204. */
export type AnsweringHandler<E> = (
  webhook: ReceivedWebhook<E>,
) => Partial<WebhookAnswer> | void | Promise<Partial<WebhookAnswer> | void>

/** Options of {@link WebhookVerifier.handle}. */
export interface HandleOptions {
  /**
   * Told of what the handler or the dedupe store threw, and of every other refusal with a status of 500 or more; the
   * sender is answered without saying what went wrong. Default `console.error`.
   */
  onError?: ((error: unknown) => void) | undefined
}

/** What {@link handleRequest} needs of a verifier. */
export interface VerifyRequest<E> {
  bodyLimits: BodyLimits
  verifyNow: (request: RequestToHandle & { body: Uint8Array }) => Verification<E> | Promise<Verification<E>>
}

/** Takes a request from its bytes to the answer: verified, handled, settled. It rejects only with what `onError` throws. */
export async function handleRequest<E>(
  { bodyLimits, verifyNow }: VerifyRequest<E>,
  request: RequestToHandle,
  { handler, options = {} }: { handler: AnsweringHandler<E>; options?: HandleOptions | undefined },
): Promise<WebhookAnswer> {
  const onError = typeof options?.onError === 'function' ? options.onError : console.error
  try {
    checkCall(request, handler, options)
  } catch (error) {
    onError(error)
    return problem(internalError)
  }
  const observation = observeRequest(request.headers)
  try {
    const body = await readBody(request.body, {
      ...bodyLimits,
      declaredLength: declaredLength(request.headers),
    })
    const verification = await verifyNow({ ...request, body })
    observation?.verified(verification)
    if (verification.outcome !== 'event') return noContent()
    const { webhook, delivery } = receiveWebhook(verification, onError, observation)
    let succeeded = false
    let failure: HandlingFailure | undefined
    try {
      const answering = observation ? observation.run(() => handler(webhook)) : handler(webhook)
      const { status, headers = {}, body: text = '' } = (await answering) ?? {}
      const answer = { status: status ?? (text === '' ? 204 : 200), headers, body: text }
      succeeded = answer.status >= 200 && answer.status < 300
      failure = { status: answer.status }
      return answer
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      await delivery.end(succeeded, failure)
    }
  } catch (error) {
    observation?.refused(error)
    const refusal = WebhookError.isInstance(error) ? error : undefined
    if (!refusal?.expose) onError(error)
    return problem(refusal?.toProblem() ?? internalError, refusal?.headers)
  }
}

/** What is wrong with the call is wrong with every request: it is told before anything is read. */
function checkCall(request: unknown, handler: unknown, options: HandleOptions): void {
  if (typeof request !== 'object' || request === null) {
    throw new OptionError('request', 'must be { headers, url, body }')
  }
  if (typeof handler !== 'function') throw new OptionError('handler', 'must be a function')
  checkOptions<HandleOptions>(options, { onError: true })
  if (options.onError !== undefined && typeof options.onError !== 'function') {
    throw new OptionError('onError', 'must be a function')
  }
}

/** The `content-length` of a request. */
function declaredLength(headers: WebhookHeaders): string | undefined {
  const length = typeof headers?.get === 'function' ? headers.get('content-length') : undefined
  return String(length ?? (headers as HeaderRecord | null)?.['content-length'])
}

const internalError = { type: 'about:blank', title: 'Internal Server Error', status: 500 }

function noContent(): WebhookAnswer {
  return { status: 204, headers: {}, body: '' }
}

function problem(details: { status: number }, headers: Readonly<Record<string, string>> = {}): WebhookAnswer {
  return {
    status: details.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify(details),
  }
}
