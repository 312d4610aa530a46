import type { Settle } from './claim-delivery.ts'
import { isHeard, publish, type HandledMessage, type ReceivedMessage } from './receiver-channels.ts'
import { findReceiverTelemetry, type HandlerSpan } from './receiver-telemetry.ts'
import type { Verification, VerifiedWebhook } from './verification.ts'
import type { WebhookHeaders } from './webhook-headers.ts'

/** Tells of one request, by the channels and OpenTelemetry. It tells of one end, the first. */
export interface RequestObservation {
  /** It was refused, with an error that has a `code` and a `statusCode`. */
  refused(error: unknown): void
  /** What came of its verification. */
  verified(verification: Verification<unknown>): void
  /** Runs the handler, or what leads to it, within the span of the request. */
  run<T>(handler: () => T): T
  /** The handler has ended. */
  ended(succeeded: boolean, reason?: HandlingFailure): void
}

/** What is known of a failure. */
export interface HandlingFailure {
  /** What the handler threw. */
  error?: unknown
  /** What it answered. */
  status?: number
}

/** Begins with a request; `undefined` where nothing listens, and nothing has to be told. */
export function observeRequest(headers: WebhookHeaders): RequestObservation | undefined {
  const telemetry = findReceiverTelemetry()
  if (telemetry === undefined && !isHeard()) return undefined
  let handling: { message: ReceivedMessage; startedAt: number } | undefined
  let span: HandlerSpan | undefined
  let isOver = false

  return {
    refused(error) {
      const message = toRefused(error)
      if (isOver || handling !== undefined || message === undefined) return
      isOver = true
      publish('refused', message)
      telemetry?.refused(message)
    },
    verified(verification) {
      if (verification.outcome === 'event') {
        const message = describe(verification.webhook)
        handling = { message, startedAt: performance.now() }
        publish('received', message)
        span = telemetry?.received(message, headers)
        return
      }
      isOver = true
      const message =
        verification.outcome === 'ignored'
          ? { outcome: verification.outcome, eventType: verification.eventType }
          : { outcome: verification.outcome, deliveryId: verification.delivery.id }
      publish('acknowledged', message)
      telemetry?.acknowledged(message)
    },
    run: (handler) => (span === undefined ? handler() : span.run(handler)),
    ended(succeeded, reason = {}) {
      if (isOver || handling === undefined) return
      isOver = true
      const durationInMs = performance.now() - handling.startedAt
      const errorType = succeeded ? undefined : describeFailure(reason)
      const message: HandledMessage = {
        ...handling.message,
        succeeded,
        durationInMs,
        ...(errorType !== undefined && { errorType }),
      }
      publish('handled', message)
      span?.end(message)
    },
  }
}

/** Has an observation told what a delivery is settled with. */
export function observeSettle(
  settle: Settle,
  observation: RequestObservation,
  reasonOf: () => HandlingFailure | undefined = () => undefined,
): Settle {
  return (succeeded, options) => {
    observation.ended(succeeded, reasonOf())
    return settle(succeeded, options)
  }
}

function describe({ event, installation, delivery }: VerifiedWebhook<unknown>): ReceivedMessage {
  const { eventType, taskId } = (event ?? {}) as { eventType?: unknown; taskId?: unknown }
  return {
    ...(typeof eventType === 'string' && { eventType }),
    ...(typeof taskId === 'string' && { taskId }),
    ...(installation !== undefined && { installation }),
    ...(delivery !== undefined && { deliveryId: delivery.id }),
  }
}

function toRefused(error: unknown): { code: string; status: number; error: unknown } | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  if (typeof code !== 'string' || typeof statusCode !== 'number') return undefined
  return { code, status: statusCode, error }
}

/** `error.type` as the semantic conventions have it: a code, a class, or the status. */
function describeFailure({ error, status }: HandlingFailure): string | undefined {
  if (error instanceof Error) {
    const { code } = error as { code?: unknown }
    return typeof code === 'string' ? code : error.name
  }
  return status === undefined ? undefined : String(status)
}
