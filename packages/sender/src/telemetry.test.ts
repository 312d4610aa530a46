import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver } from './testing-receiver.ts'
import { afterAttempts, event, openSender, section, startSender } from './testing-sender.ts'

test('without an SDK there is nothing: no header, no trace, and events flow', async () => {
  const { url, requests } = await startReceiver()
  const sender = await startSender(section(url))
  const { deliveryIds } = await sender.send(event)
  expect(await afterAttempts(sender, deliveryIds[0]!)).toMatchObject({ state: 'delivered' })
  expect(requests[0]?.request.headers).not.toHaveProperty('traceparent')
})

const labelsOf = (outcome: string) => ({ 'taskhook.endpoint.id': 'one', 'taskhook.outcome': outcome })

describe('with an SDK', () => {
  const spans = new InMemorySpanExporter()
  let measurements: InMemoryMetricExporter
  let reader: PeriodicExportingMetricReader

  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
    )
    measurements = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    reader = new PeriodicExportingMetricReader({ exporter: measurements })
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  })

  afterEach(async () => {
    await reader.shutdown()
    for (const api of [context, propagation, trace, metrics]) api.disable()
    spans.reset()
  })

  /** The data points of a metric: what is added, and where. */
  async function collect(name: string) {
    measurements.reset()
    await reader.forceFlush()
    const found = measurements
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === '@taskhook/sender')
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
    return found.flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    )
  }

  test('every attempt is a span with what it was and what came of it, whose context the receiver gets', async () => {
    let isWell = false
    const { url, requests } = await startReceiver((_request, response) => {
      response.writeHead(isWell ? 204 : 500).end()
      isWell = true
    })
    const sender = await startSender(section(url, { id: 'one' }))
    const id = (await sender.send(event)).deliveryIds[0]!
    await afterAttempts(sender, id)

    const [failed, delivered] = spans.getFinishedSpans()
    const attributes = {
      'taskhook.endpoint.id': 'one',
      'taskhook.delivery.id': id,
      'taskhook.task.id': '07c6ad8c',
      'taskhook.event.type': 'OrderSigned',
      'http.request.method': 'POST',
    }
    expect(failed).toMatchObject({
      name: 'webhook attempt',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        ...attributes,
        'taskhook.delivery.try': 1,
        'taskhook.outcome': 'retry',
        'http.response.status_code': 500,
        'error.type': '500',
      },
    })
    expect(delivered).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        ...attributes,
        'taskhook.delivery.try': 2,
        'taskhook.outcome': 'delivered',
        'http.response.status_code': 204,
      },
    })
    expect(requests.map(({ request }) => request.headers['traceparent'])).toEqual(
      [failed, delivered].map((span) => {
        const { traceId, spanId } = span!.spanContext()
        return `00-${traceId}-${spanId}-01`
      }),
    )
  })

  test('a span of an attempt without an answer has its error code', async () => {
    const sender = await startSender(section('http://127.0.0.1:1/', { retrySchedule: ['PT0S'] }))
    const id = (await sender.send(event)).deliveryIds[0]!
    await afterAttempts(sender, id)
    const [span] = spans.getFinishedSpans()
    expect(span?.attributes).toMatchObject({ 'error.type': 'connection_refused' })
    expect(span?.attributes).not.toHaveProperty('http.response.status_code')
  })

  test('attempts are not put into the trace of whatever request woke the dispatcher', async () => {
    const { url } = await startReceiver()
    const sender = await startSender(section(url))
    const tracer = trace.getTracer('application')
    // Both are delivered on from the first one's send.
    const ids = await tracer.startActiveSpan('request', async (span) => {
      const sent = [await sender.send(event), await sender.send(event)]
      span.end()
      return sent.map(({ deliveryIds }) => deliveryIds[0]!)
    })
    for (const id of ids) await afterAttempts(sender, id)
    const request = spans.getFinishedSpans().find(({ name }) => name === 'request')!
    const attempts = spans.getFinishedSpans().filter(({ name }) => name === 'webhook attempt')
    expect(attempts).toHaveLength(2)
    for (const attempt of attempts) {
      expect(attempt.parentSpanContext).toBeUndefined()
      expect(attempt.spanContext().traceId).not.toBe(request.spanContext().traceId)
    }
  })

  test('attempts are counted and timed by endpoint and outcome', async () => {
    let failures = 1
    const { url } = await startReceiver((_request, response) => {
      response.writeHead(failures-- > 0 ? 500 : 200).end()
    })
    const sender = await startSender(section(url, { id: 'one' }))
    for (const { deliveryIds } of [await sender.send(event), await sender.send(event)]) {
      await afterAttempts(sender, deliveryIds[0]!)
    }
    expect(await collect('taskhook.attempts')).toEqual([
      { attributes: labelsOf('retry'), value: 1 },
      { attributes: labelsOf('delivered'), value: 2 },
    ])
    expect(await collect('taskhook.attempt.duration')).toMatchObject([
      { attributes: labelsOf('retry'), value: { count: 1, sum: expect.any(Number) as number } },
      { attributes: labelsOf('delivered'), value: { count: 2 } },
    ])
  })

  test('gauges show what is pending and how old the oldest is, and ask nothing of a sender that is stopped', async () => {
    let time = Date.now()
    const sender = await openSender(section('http://127.0.0.1:1/', { id: 'one' }), { now: () => time })
    const attributes = { 'taskhook.endpoint.id': 'one' }
    expect(await collect('taskhook.pending')).toEqual([{ attributes, value: 0 }])
    expect(await collect('taskhook.oldest_pending_age')).toEqual([{ attributes, value: 0 }])
    await sender.send(event)
    time += 90_000
    await sender.send(event)
    expect(await collect('taskhook.pending')).toEqual([{ attributes, value: 2 }])
    expect(await collect('taskhook.oldest_pending_age')).toEqual([{ attributes, value: 90 }])
    await sender.stop()
    expect((await reader.collect()).errors).toEqual([])
  })
})
