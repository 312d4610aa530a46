import * as openTelemetry from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { captureContext, createTelemetry } from '@taskhook/outbox/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { instrumentation } from './instrumentation.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

const { context, metrics, propagation, SpanKind, SpanStatusCode, trace } = openTelemetry

test('without an SDK there is nothing: no header, no trace, and events flow', async () => {
  const { url, requests } = await startReceiver()
  const sender = await startSender(section(url))
  const { deliveries } = await sender.send(event)
  expect(await afterAttempts(sender, deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
  expect(requests[0]?.request.headers).not.toHaveProperty('traceparent')
})

const openTelemetryOf = () =>
  createTelemetry({ instrumentation, api: openTelemetry, listEndpoints: async () => [], now: Date.now })

const failed = {
  'taskhook.endpoint.id': 'one',
  'taskhook.outcome': 'retry',
  'http.response.status_code': 500,
  'error.type': '500',
}
const delivered = {
  'taskhook.endpoint.id': 'one',
  'taskhook.outcome': 'delivered',
  'http.response.status_code': 200,
}

describe('with SDK 2, which registers itself in version 1.9 of the api', () => {
  const spans = new InMemorySpanExporter()
  let measurements: InMemoryMetricExporter
  let reader: PeriodicExportingMetricReader

  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    )
    measurements = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    reader = new PeriodicExportingMetricReader({ exporter: measurements })
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  })

  afterEach(async () => {
    await reader.shutdown()
    for (const global of [context, propagation, trace, metrics]) global.disable()
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
    const id = (await sender.send(event)).deliveries[0]!.id
    await afterAttempts(sender, id)

    const [first, second] = spans.getFinishedSpans()
    const attributes = {
      'taskhook.endpoint.id': 'one',
      'taskhook.delivery.id': id,
      'taskhook.task.id': '07c6ad8c',
      'taskhook.event.type': 'OrderSigned',
      'http.request.method': 'POST',
    }
    expect(first).toMatchObject({
      name: 'webhook attempt',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        ...attributes,
        'taskhook.attempt.number': 1,
        'taskhook.outcome': 'retry',
        'http.response.status_code': 500,
        'error.type': '500',
      },
    })
    expect(second).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        ...attributes,
        'taskhook.attempt.number': 2,
        'taskhook.outcome': 'delivered',
        'http.response.status_code': 204,
      },
    })
    expect(requests.map(({ request }) => request.headers['traceparent'])).toEqual(
      [first, second].map((span) => {
        const { traceId, spanId } = span!.spanContext()
        return `00-${traceId}-${spanId}-01`
      }),
    )
  })

  test('a span of an attempt without an answer has its error code', async () => {
    const sender = await startSender(section('http://127.0.0.1:1/', { retrySchedule: ['PT0S'] }))
    const id = (await sender.send(event)).deliveries[0]!.id
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
      return sent.map(({ deliveries }) => deliveries[0]!.id)
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

  test('an attempt is linked to the span of its send, also one that another process makes later', async () => {
    const { url } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const sending = await openSender(section(url, { id: 'one' }), { outbox })
    const sent = await trace.getTracer('application').startActiveSpan('request', async (span) => {
      await sending.send(event)
      span.end()
      return span.spanContext()
    })
    await sending.stop()
    const sender = await startSender(section(url, { id: 'one' }), { outbox })
    await sender.idle()
    const attempt = spans.getFinishedSpans().find(({ name }) => name === 'webhook attempt')
    expect(attempt?.links).toMatchObject([{ context: { traceId: sent.traceId, spanId: sent.spanId } }])
  })

  test('two senders in one process each count their own once', async () => {
    const { url } = await startReceiver()
    const one = await startSender(section(url, { id: 'one' }))
    const two = await startSender(section(url, { id: 'two' }))
    await one.send(event)
    await one.idle()
    expect(await collect('taskhook.deliveries.accepted')).toEqual([
      { attributes: { 'taskhook.endpoint.id': 'one' }, value: 1 },
    ])
    expect((await collect('taskhook.pending')).map(({ attributes }) => attributes)).toEqual([
      { 'taskhook.endpoint.id': 'one' },
      { 'taskhook.endpoint.id': 'two' },
    ])
    await two.stop()
  })

  test('attempts are counted and timed by endpoint and outcome', async () => {
    let failures = 1
    const { url } = await startReceiver((_request, response) => {
      response.writeHead(failures-- > 0 ? 500 : 200).end()
    })
    const sender = await startSender(section(url, { id: 'one' }))
    for (const { deliveries } of [await sender.send(event), await sender.send(event)]) {
      await afterAttempts(sender, deliveries[0]!.id)
    }
    expect(await collect('taskhook.attempts')).toEqual([
      { attributes: failed, value: 1 },
      { attributes: delivered, value: 2 },
    ])
    expect(await collect('taskhook.attempt.duration')).toMatchObject([
      { attributes: failed, value: { count: 1, sum: expect.any(Number) as number } },
      { attributes: delivered, value: { count: 2 } },
    ])
  })

  test('the histogram has buckets for seconds, and every instrument its unit', async () => {
    const { url } = await startReceiver()
    const sender = await startSender(section(url, { id: 'one' }))
    await afterAttempts(sender, (await sender.send(event)).deliveries[0]!.id)
    measurements.reset()
    await reader.forceFlush()
    const found = measurements
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
    expect(Object.fromEntries(found.map(({ descriptor }) => [descriptor.name, descriptor.unit]))).toEqual({
      'taskhook.attempts': '{attempt}',
      'taskhook.attempt.duration': 's',
      'taskhook.deliveries.accepted': '{delivery}',
      'taskhook.pending': '{delivery}',
      'taskhook.oldest_pending_age': 's',
    })
    const histogram = found.find(({ descriptor }) => descriptor.name === 'taskhook.attempt.duration')
    expect(histogram?.dataPoints[0]?.value).toMatchObject({
      buckets: { boundaries: expect.arrayContaining([0.005, 0.1, 1, 30]) as number[] },
    })
  })

  test('what is accepted, exhausted, gone and cut off is counted by endpoint', async () => {
    const telemetry = openTelemetryOf()
    const facts = { id: 'a', endpointId: 'one', taskId: 't', eventType: 'OrderSigned' }
    telemetry.count({ kind: 'accepted', ...facts })
    telemetry.count({ kind: 'accepted', ...facts })
    telemetry.count({ kind: 'exhausted', ...facts })
    telemetry.count({ kind: 'gone', endpointId: 'one' })
    telemetry.count({ kind: 'circuit-opened', endpointId: 'one' })
    telemetry.count({ kind: 'circuit-closed', endpointId: 'one' })
    telemetry.count({ kind: 'nothing-enabled' })
    const attributes = { 'taskhook.endpoint.id': 'one' }
    for (const [name, value] of [
      ['taskhook.deliveries.accepted', 2],
      ['taskhook.deliveries.exhausted', 1],
      ['taskhook.endpoint.gone', 1],
      ['taskhook.circuit.opened', 1],
    ] as const) {
      expect({ name, points: await collect(name) }).toEqual({ name, points: [{ attributes, value }] })
    }
    telemetry.end()
  })

  test('an attempt is linked to the span of its send, in a trace of its own', async () => {
    const telemetry = openTelemetryOf()
    const [captured, sent] = trace.getTracer('application').startActiveSpan('request', (span) => {
      span.end()
      return [telemetry.captureContext(), span.spanContext()] as const
    })
    expect(captured).toBe(`00-${sent.traceId}-${sent.spanId}-01`)
    const result = { outcome: 'retry', durationInMs: 1, errorCode: 'dns_failed' } as const
    const facts = { id: 'a', endpointId: 'one', taskId: 't', eventType: 'OrderSigned', number: 1 }
    // The dispatcher may have been woken by a request that has nothing to do with it.
    await trace.getTracer('application').startActiveSpan('another', async (span) => {
      await telemetry.traceAttempt({ ...facts, context: captured }, async () => result)
      span.end()
    })
    for (const stored of [undefined, 'nonsense', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`]) {
      await telemetry.traceAttempt({ ...facts, context: stored }, async () => result)
    }
    const [linked, ...others] = spans.getFinishedSpans().filter(({ name }) => name === 'webhook attempt')
    expect(linked?.links).toMatchObject([{ context: { traceId: sent.traceId, spanId: sent.spanId } }])
    expect(linked?.parentSpanContext).toBeUndefined()
    expect(linked?.spanContext().traceId).not.toBe(sent.traceId)
    expect(others.map(({ links }) => links)).toEqual([[], [], []])
    telemetry.end()
  })

  test('no context is captured where no span is active', () => {
    expect(captureContext(openTelemetry)).toBeUndefined()
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
