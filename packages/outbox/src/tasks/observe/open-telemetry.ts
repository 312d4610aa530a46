import type * as api from '@opentelemetry/api'

/** The package `@opentelemetry/api`, as the application has it. */
export type OpenTelemetry = typeof api

/**
 * The application's own `@opentelemetry/api`, or `undefined` when it has none. Never a copy of ours: an SDK registers
 * itself in the version of the api that it comes with (SDK 2: 1.9), and a copy that is newer finds none and says nothing.
 */
export async function loadOpenTelemetry(): Promise<OpenTelemetry | undefined> {
  try {
    return await import('@opentelemetry/api')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
