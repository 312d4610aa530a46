import {
  context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
} from '@opentelemetry/api'
import type { Claim, EndpointRecord } from '@taskhook/outbox'
import packageJson from '../package.json' with { type: 'json' }
import type { AttemptResult } from './attempt-result.ts'

/** One sender's OpenTelemetry: nothing at all until the application has an SDK. */
export interface Telemetry {
  /** Makes an attempt within a span, its context in headers for the receiver. */
  traceAttempt(
    delivery: Claim,
    attempt: (headers: Record<string, string>) => Promise<AttemptResult>,
  ): Promise<AttemptResult>
  end(): void
}

const name = '@taskhook/sender'

/**
 * Makes a sender's spans (one an attempt), counters, histogram and gauges.
 *
 * @param listEndpoints What the gauges show; asked when metrics are collected.
 */
export function createTelemetry(
  listEndpoints: () => Promise<EndpointRecord[]>,
  now: () => number,
): Telemetry {
  const tracer = trace.getTracer(name, packageJson.version)
  const meter = metrics.getMeter(name, packageJson.version)
  const attempts = meter.createCounter('taskhook.attempts', {
    description: 'Attempts made, by endpoint and outcome',
  })
  const duration = meter.createHistogram('taskhook.attempt.duration', {
    unit: 's',
    description: 'Time of an attempt',
  })
  const pending = meter.createObservableGauge('taskhook.pending', {
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
    traceAttempt({ id, endpointId, orderingKey, type, tries }, attempt) {
      const attributes: Attributes = {
        'taskhook.endpoint.id': endpointId,
        'taskhook.delivery.id': id,
        'taskhook.task.id': orderingKey,
        'taskhook.event.type': type,
        'taskhook.delivery.try': tries + 1,
        'http.request.method': 'POST',
      }
      return tracer.startActiveSpan(
        'webhook attempt',
        { kind: SpanKind.CLIENT, attributes },
        // What is active here is whatever woke the dispatcher, a request that sent another event perhaps.
        ROOT_CONTEXT,
        async (span) => {
          try {
            const headers: Record<string, string> = {}
            propagation.inject(context.active(), headers)
            const result = await attempt(headers)
            const { outcome, status, durationInMs } = result
            const labels = { 'taskhook.endpoint.id': endpointId, 'taskhook.outcome': outcome }
            attempts.add(1, labels)
            duration.record(durationInMs / 1000, labels)
            span.setAttribute('taskhook.outcome', outcome)
            if (status !== undefined) span.setAttribute('http.response.status_code', status)
            if (outcome !== 'delivered') {
              const errorCode = outcome === 'retry' ? result.errorCode : undefined
              span.setAttribute('error.type', errorCode ?? String(status))
              span.setStatus({ code: SpanStatusCode.ERROR })
            }
            return result
          } finally {
            span.end()
          }
        },
      )
    },
    end: () => meter.removeBatchObservableCallback(observe, [pending, oldest]),
  }
}
