import type { Attributes } from '@opentelemetry/api'
import type { DeliveryFacts, Notice, ReportedResult } from './notice.ts'
import type { OpenTelemetry } from './open-telemetry.ts'
import { captureContext, toLinks } from './trace-context.ts'
import type { Instrumentation, TracedAttempt } from './traced-attempt.ts'

/** An attempt that is about to be made. */
interface TracedDelivery extends DeliveryFacts {
  /** 1 for the first attempt since the delivery was accepted or resent. */
  number: number
  /** What {@link Telemetry.captureContext} returned when it was accepted. */
  context?: string | undefined
}

/** What a gauge shows of an endpoint. */
interface EndpointLoad {
  id: string
  pending: number
  /** Milliseconds since 1970. */
  oldestPendingAt?: number | undefined
}

/** The OpenTelemetry of one outbox. */
export interface Telemetry {
  /** The span that is active, for the record of a delivery. */
  captureContext(): string | undefined
  /** Makes an attempt within a span of its own that is linked to the one in which it was accepted. */
  traceAttempt<R extends ReportedResult>(delivery: TracedDelivery, attempt: TracedAttempt<R>): Promise<R>
  /** Counts what is counted of a notice: accepted, exhausted, gone, a circuit that opened. */
  count(notice: Notice): void
  end(): void
}

/** What {@link createTelemetry} needs. */
export interface TelemetryOptions {
  instrumentation: Instrumentation
  /** Without it, nothing is measured and nothing is sent along. */
  api: OpenTelemetry | undefined
  /** What the gauges show; asked when metrics are collected. */
  listEndpoints: () => Promise<readonly EndpointLoad[]>
  /** Milliseconds since 1970. */
  now: () => number
}

// Those of the semantic conventions for HTTP, and as far beyond as a timeout goes. The default ones are for milliseconds.
const durationBucketsInSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
]

const noTelemetry: Telemetry = {
  captureContext: () => undefined,
  traceAttempt: (_delivery, attempt) => attempt(),
  count() {},
  end() {},
}

/** Makes spans (one an attempt), counters, histogram and gauges. */
export function createTelemetry({ instrumentation, api, listEndpoints, now }: TelemetryOptions): Telemetry {
  if (api === undefined) return noTelemetry
  const { context, metrics, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api
  const { name, version, spanName, kind } = instrumentation
  const tracer = trace.getTracer(name, version)
  const meter = metrics.getMeter(name, version)
  const attempts = meter.createCounter('taskhook.attempts', {
    unit: '{attempt}',
    description: 'Attempts made, by endpoint and outcome',
  })
  const duration = meter.createHistogram('taskhook.attempt.duration', {
    unit: 's',
    description: 'Time of an attempt',
    advice: { explicitBucketBoundaries: durationBucketsInSeconds },
  })
  const counters = {
    accepted: meter.createCounter('taskhook.deliveries.accepted', {
      unit: '{delivery}',
      description: 'Deliveries accepted',
    }),
    exhausted: meter.createCounter('taskhook.deliveries.exhausted', {
      unit: '{delivery}',
      description: 'Deliveries whose every attempt failed',
    }),
    gone: meter.createCounter('taskhook.endpoint.gone', {
      unit: '{answer}',
      description: 'Answers 410, which stop an endpoint',
    }),
    'circuit-opened': meter.createCounter('taskhook.circuit.opened', {
      unit: '{circuit}',
      description: 'Circuits that opened',
    }),
  }
  const pending = meter.createObservableGauge('taskhook.pending', {
    unit: '{delivery}',
    description: 'Deliveries that are pending',
  })
  const oldest = meter.createObservableGauge('taskhook.oldest_pending_age', {
    unit: 's',
    description: 'Age of the oldest delivery that is pending',
  })

  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    for (const endpoint of await listEndpoints()) {
      const attributes = { 'taskhook.endpoint.id': endpoint.id }
      const ageInMs = endpoint.oldestPendingAt === undefined ? 0 : now() - endpoint.oldestPendingAt
      result.observe(pending, endpoint.pending, attributes)
      result.observe(oldest, ageInMs / 1000, attributes)
    }
  }
  meter.addBatchObservableCallback(observe, [pending, oldest])

  return {
    captureContext: () => captureContext(api),
    traceAttempt(delivery, attempt) {
      const options = {
        kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.CONSUMER,
        attributes: { ...toAttributes(delivery), ...instrumentation.attributes },
        links: toLinks(api, delivery.context),
      }
      // What is active here is whatever woke the dispatcher, a request that sent another event perhaps.
      return tracer.startActiveSpan(spanName, options, ROOT_CONTEXT, async (span) => {
        try {
          const headers: Record<string, string> = {}
          propagation.inject(context.active(), headers)
          const result = await attempt(headers)
          const outcome = describeOutcome(result)
          const labels = { 'taskhook.endpoint.id': delivery.endpointId, ...outcome }
          attempts.add(1, labels)
          duration.record(result.durationInMs / 1000, labels)
          span.setAttributes(outcome)
          if (result.outcome !== 'delivered') span.setStatus({ code: SpanStatusCode.ERROR })
          return result
        } finally {
          span.end()
        }
      })
    },
    count(notice) {
      if (!Object.hasOwn(counters, notice.kind)) return
      const { endpointId } = notice as Notice & { endpointId: string }
      counters[notice.kind as keyof typeof counters].add(1, { 'taskhook.endpoint.id': endpointId })
    },
    end: () => meter.removeBatchObservableCallback(observe, [pending, oldest]),
  }
}

function toAttributes({ id, endpointId, taskId, eventType, number }: TracedDelivery): Attributes {
  return {
    'taskhook.endpoint.id': endpointId,
    'taskhook.delivery.id': id,
    'taskhook.task.id': taskId,
    'taskhook.event.type': eventType,
    'taskhook.attempt.number': number,
  }
}

/** What spans and metrics say of a result. `error.type` as the semantic conventions have it: a code, or the status. */
function describeOutcome({ outcome, status, errorCode }: ReportedResult): Attributes {
  return {
    'taskhook.outcome': outcome,
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(outcome !== 'delivered' && { 'error.type': errorCode ?? String(status) }),
  }
}
