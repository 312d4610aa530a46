import type { ReportedResult } from './notice.ts'

// Apart from what needs `@opentelemetry/api`, so that declarations do not ask for a package that need not be there.

/** Makes an attempt, with headers that hand the trace on if there are any. */
export type TracedAttempt<R extends ReportedResult> = (headers?: Record<string, string>) => Promise<R>

/** The package that makes the telemetry, and how it describes an attempt. */
export interface Instrumentation {
  /** The package that makes it. */
  name: string
  version: string
  /** The name of an attempt's span. */
  spanName: string
  /** `client` for a request, `consumer` for a handler. */
  kind: 'client' | 'consumer'
  /** What all of its spans say. */
  attributes: Attributes
}

/** As `@opentelemetry/api` has them; that package need not be there. */
type Attributes = Record<string, string | number | boolean | undefined>
