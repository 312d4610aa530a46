import type { AttemptResult } from './attempt-result.ts'
import type { Delivery } from './delivery.ts'

/** One configured receiver: its connections, its TLS, its secrets. See {@link createEndpoint}. */
export interface Endpoint {
  readonly id: string
  /** Where is posted to, with the `key` of the configuration: not for logs. */
  readonly url: URL
  /**
   * Makes exactly one attempt: signs the event as of now, posts it and reads the answer. What network and receiver do
   * is a result, never an error.
   *
   * @param options.signal ends the attempt at once: outcome `retry` with code `aborted`.
   * @param options.headers are sent too, for a trace's context; those of the sender itself win.
   * @throws OptionError when the delivery is invalid.
   * @throws TaskhookError with code `endpoint_closed` after {@link Endpoint.close}.
   */
  deliver(
    delivery: Delivery,
    options?: { signal?: AbortSignal; headers?: Readonly<Record<string, string>> },
  ): Promise<AttemptResult>
  /** Lets the attempts that are under way end, each within its `responseTimeout`, and closes the connections. */
  close(): Promise<void>
}
