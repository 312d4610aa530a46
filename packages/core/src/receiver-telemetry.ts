import type { Attributes, Context, Counter, Histogram, Tracer } from '@opentelemetry/api'
import packageJson from '../package.json' with { type: 'json' }
import { findOpenTelemetry, type OpenTelemetry } from './open-telemetry.ts'
import type {
  AcknowledgedMessage,
  HandledMessage,
  ReceivedMessage,
  RefusedMessage,
} from './receiver-channels.ts'
import type { WebhookHeaders } from './webhook-headers.ts'

/** The span of a handler. */
export interface HandlerSpan {
  /** Runs a handler, or what leads to it, within the span. */
  run<T>(handler: () => T): T
  end(handled: HandledMessage): void
}

/** The OpenTelemetry of all receivers in this process. */
export interface ReceiverTelemetry {
  acknowledged(message: AcknowledgedMessage): void
  refused(message: RefusedMessage): void
  /** Counts a webhook, and begins the span of its handler in the trace of its request. */
  received(message: ReceivedMessage, headers: WebhookHeaders): HandlerSpan
}

const name = '@taskhook/core'

// Those of the semantic conventions for HTTP, and as far beyond as the sender's. The default ones are for milliseconds.
const durationBucketsInSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
]

let current: { registered: readonly unknown[]; telemetry: ReceiverTelemetry } | undefined

/** That of the SDK which is registered now, or `undefined` where there is none. */
export function findReceiverTelemetry(): ReceiverTelemetry | undefined {
  const api = findOpenTelemetry()
  if (api === undefined) return undefined
  // An SDK may be registered after the first request.
  const registered = [api.metrics.getMeterProvider(), api.trace.getTracerProvider()]
  if (current === undefined || current.registered.some((one, index) => one !== registered[index])) {
    current = { registered, telemetry: createReceiverTelemetry(api) }
  }
  return current.telemetry
}

function createReceiverTelemetry(api: OpenTelemetry): ReceiverTelemetry {
  const tracer = api.trace.getTracer(name, packageJson.version)
  const meter = api.metrics.getMeter(name, packageJson.version)
  const webhooks = meter.createCounter('taskhook.webhooks.received', {
    unit: '{webhook}',
    description: 'Requests to a receiver, by outcome',
  })
  const duration = meter.createHistogram('taskhook.handler.duration', {
    unit: 's',
    description: 'Time of a handler',
    advice: { explicitBucketBoundaries: durationBucketsInSeconds },
  })
  return {
    acknowledged: ({ outcome }) => webhooks.add(1, { 'taskhook.outcome': outcome }),
    refused: ({ code, status }) =>
      webhooks.add(1, {
        'taskhook.outcome': 'refused',
        'error.type': code,
        'http.response.status_code': status,
      }),
    received: (message, headers) => beginSpan({ api, tracer, webhooks, duration }, message, headers),
  }
}

interface Instruments {
  api: OpenTelemetry
  tracer: Tracer
  webhooks: Counter
  duration: Histogram
}

function beginSpan(
  { api, tracer, webhooks, duration }: Instruments,
  { eventType, taskId, installation, deliveryId }: ReceivedMessage,
  headers: WebhookHeaders,
): HandlerSpan {
  const { context, SpanKind, SpanStatusCode, trace } = api
  const type = eventType === undefined ? {} : { 'taskhook.event.type': eventType }
  webhooks.add(1, { 'taskhook.outcome': 'event', ...type })
  const attributes: Attributes = {
    ...type,
    ...(taskId !== undefined && { 'taskhook.task.id': taskId }),
    ...(deliveryId !== undefined && { 'taskhook.delivery.id': deliveryId }),
    ...(installation !== undefined && { 'taskhook.installation': installation }),
  }
  const isWithin = trace.getSpan(context.active()) !== undefined
  const parent = isWithin ? context.active() : continueTrace(api, headers)
  const kind = isWithin ? SpanKind.INTERNAL : SpanKind.SERVER
  const span = tracer.startSpan('webhook handle', { kind, attributes }, parent)
  return {
    run: (handler) => context.with(trace.setSpan(parent, span), handler),
    end({ succeeded, durationInMs, errorType }) {
      const outcome = {
        'taskhook.outcome': succeeded ? 'handled' : 'failed',
        ...(errorType !== undefined && { 'error.type': errorType }),
      }
      duration.record(durationInMs / 1000, { ...type, ...outcome })
      span.setAttributes(outcome)
      if (!succeeded) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

/** The context that the sender sent along. An instrumentation of HTTP has made a span of it already, where there is one. */
function continueTrace({ context, propagation }: OpenTelemetry, headers: WebhookHeaders): Context {
  return propagation.extract(context.active(), headers, {
    keys: () => [],
    get(carrier, header) {
      const value =
        typeof carrier.get === 'function' ? carrier.get(header) : (carrier as Record<string, unknown>)[header]
      return (value ?? undefined) as string | string[] | undefined
    },
  })
}
