import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exchange } from './exchange.ts'
import type { Handler } from './receiver.ts'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'
import { secret, sentAt, signed, taskId } from './signed.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const traced = { traceparent: `00-${traceId}-${spanId}-01` }

const spans = new InMemorySpanExporter()
let measurements: InMemoryMetricExporter
let reader: PeriodicExportingMetricReader

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  measurements = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  reader = new PeriodicExportingMetricReader({ exporter: measurements })
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})

afterEach(async () => {
  await reader.shutdown()
  for (const global of [context, propagation, trace, metrics]) global.disable()
  spans.reset()
})

describe.each(receiverNames)('%s', (name) => {
  test('handles a webhook within a span that continues the trace of its sender', async () => {
    let active: string | undefined
    await using receiver = await start(name, async () => {
      await new Promise((resolve) => void setImmediate(resolve))
      active = trace.getActiveSpan()?.spanContext().spanId
      return 204
    })
    await exchange(receiver.port, signed({ headers: traced }))

    const [span] = spans.getFinishedSpans()
    expect(span).toMatchObject({
      name: 'webhook handle',
      kind: SpanKind.SERVER,
      parentSpanContext: { traceId, spanId },
      attributes: {
        'taskhook.event.type': 'OrderAccepted',
        'taskhook.task.id': taskId,
        'taskhook.delivery.id': expect.any(String),
        'taskhook.outcome': 'handled',
      },
      status: { code: SpanStatusCode.UNSET },
    })
    expect(active).toBe(span?.spanContext().spanId)
  })

  test('counts what comes, by outcome, and measures handlers in seconds; a refused request has no span', async () => {
    let status = 204
    await using receiver = await start(name, () => status)
    await exchange(receiver.port, signed())
    status = 500
    await exchange(receiver.port, signed())
    await exchange(receiver.port, signed({ secret: 'another secret', headers: traced }))

    const type = { 'taskhook.event.type': 'OrderAccepted' }
    const failed = { 'taskhook.outcome': 'failed', 'error.type': '500' }
    expect(await collect('taskhook.webhooks.received')).toEqual([
      { attributes: { ...type, 'taskhook.outcome': 'event' }, value: 2 },
      {
        attributes: {
          'taskhook.outcome': 'refused',
          'error.type': 'signature_mismatch',
          'http.response.status_code': 401,
        },
        value: 1,
      },
    ])
    expect(await collect('taskhook.handler.duration')).toEqual([
      {
        attributes: { ...type, 'taskhook.outcome': 'handled' },
        value: expect.objectContaining({ count: 1, max: expect.toSatisfy((seconds) => seconds < 60) }),
      },
      { attributes: { ...type, ...failed }, value: expect.objectContaining({ count: 1 }) },
    ])
    const finished = spans.getFinishedSpans()
    expect(finished.map(({ status: { code } }) => code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR])
    expect(finished[1]?.attributes).toMatchObject(failed)
  })
})

function start(name: ReceiverName, handler: Handler) {
  return receivers[name]({ options: { secret, now: () => sentAt.getTime() }, handler })
}

/** The data points of a metric. */
async function collect(metric: string) {
  measurements.reset()
  await reader.forceFlush()
  return measurements
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === '@taskhook/core')
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === metric)
    .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })))
}
