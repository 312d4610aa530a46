import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

const spans = new InMemorySpanExporter()
let measurements: InMemoryMetricExporter
let reader: PeriodicExportingMetricReader

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  measurements = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  reader = new PeriodicExportingMetricReader({ exporter: measurements })
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})

afterEach(async () => {
  await reader.shutdown()
  for (const global of [context, trace, metrics]) global.disable()
  spans.reset()
})

const handlerSpans = () => spans.getFinishedSpans().filter(({ name }) => name === 'webhook handler')

async function countAttempts() {
  await reader.forceFlush()
  return measurements
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === '@taskhook/inbox')
    .flatMap((scope) => scope.metrics)
    .filter(({ descriptor }) => descriptor.name === 'taskhook.attempts')
    .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })))
}

test('each call of the handler is a span of a consumer, linked to the request that was accepted', async () => {
  const inbox = await openInbox({
    handler: async (_webhook, { attempt }) => {
      trace.getTracer('application').startActiveSpan('query', (span) => span.end())
      if (attempt === 1) throw new Error('not yet')
    },
  })
  const { accepted, id } = await trace.getTracer('application').startActiveSpan('request', async (span) => {
    const acceptance = await inbox.accept(await verified({ taskId: 'task-1' }))
    span.end()
    return { accepted: span.spanContext(), id: acceptance.id }
  })
  await inbox.start()
  await vi.waitFor(() => expect(handlerSpans()).toHaveLength(2), 20_000)
  const [failed, succeeded] = handlerSpans()
  const links = [{ context: { traceId: accepted.traceId, spanId: accepted.spanId } }]
  const attributes = {
    'taskhook.delivery.id': id,
    'taskhook.task.id': 'task-1',
    'taskhook.endpoint.id': 'inbox',
  }
  expect(failed).toMatchObject({
    kind: SpanKind.CONSUMER,
    status: { code: SpanStatusCode.ERROR },
    attributes: { ...attributes, 'error.type': 'handler_failed' },
    links,
  })
  expect(succeeded).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes, links })
  const queries = spans.getFinishedSpans().filter(({ name }) => name === 'query')
  expect(queries.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
    [failed, succeeded].map((span) => span!.spanContext().spanId),
  )
  expect(await countAttempts()).toMatchObject([
    { attributes: { 'taskhook.outcome': 'retry' }, value: 1 },
    { attributes: { 'taskhook.outcome': 'delivered' }, value: 1 },
  ])
})

test('the span of a handler that never ends has an end', async () => {
  const inbox = await startInbox({
    handlerTimeoutInMs: 10,
    retryScheduleInMs: [0],
    handler: () => new Promise(() => {}),
  })
  await inbox.accept(await verified())
  await vi.waitFor(() => expect(handlerSpans()).toHaveLength(1), 20_000)
  expect(handlerSpans()[0]).toMatchObject({ attributes: { 'error.type': 'attempt_timeout' } })
})
