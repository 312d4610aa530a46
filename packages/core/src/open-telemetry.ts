import { createRequire } from 'node:module'
import type * as api from '@opentelemetry/api'

/** The package `@opentelemetry/api`, as the application has it. */
export type OpenTelemetry = typeof api

// Where version 1 of the api keeps what an SDK has registered, in whichever copy of it.
const registry = Symbol.for('opentelemetry.js.api.1')

let loaded: OpenTelemetry | false | undefined

/**
 * The application's own `@opentelemetry/api`, once an SDK is registered; until then `undefined`. Until then it is not
 * even loaded: without an SDK it does nothing, and each request would pay for it. It is loaded with `require`, because
 * a receiver is created without a promise and bundlers leave `require` alone.
 */
export function findOpenTelemetry(): OpenTelemetry | undefined {
  const registered = (globalThis as Record<symbol, { trace?: unknown; metrics?: unknown } | undefined>)[
    registry
  ]
  if (registered?.trace === undefined && registered?.metrics === undefined) return undefined
  loaded ??= load()
  return loaded === false ? undefined : loaded
}

function load(): OpenTelemetry | false {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as OpenTelemetry
  } catch {
    // An api that this package does not reach: in a bundle, for instance. Webhooks are received all the same.
    return false
  }
}
