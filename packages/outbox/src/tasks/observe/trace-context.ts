import type { Link } from '@opentelemetry/api'
import type { OpenTelemetry } from './open-telemetry.ts'

// https://www.w3.org/TR/trace-context/#traceparent-header: version 00, trace id, span id, flags.
const traceparent = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/

/** The span that is active, as a W3C `traceparent`, to be stored with a delivery; `undefined` when there is none. */
export function captureContext({ context, isSpanContextValid, trace }: OpenTelemetry): string | undefined {
  const span = trace.getSpanContext(context.active())
  if (span === undefined || !isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}

/** A link to the span of a stored context. None for what is no `traceparent`: it came from a database. */
export function toLinks({ isSpanContextValid }: OpenTelemetry, stored: string | undefined): Link[] {
  if (stored === undefined) return []
  const { traceId = '', spanId = '', flags = '' } = traceparent.exec(stored)?.groups ?? {}
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(context) ? [{ context, attributes: { 'taskhook.link': 'send' } }] : []
}
