import type { AttemptResult } from '../attempt/attempt-result.ts'
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
   * @throws OptionError when the delivery is invalid, or an option is not known.
   * @throws TaskhookError with code `endpoint_closed` after {@link Endpoint.close}.
   */
  deliver(delivery: Delivery, options?: DeliverOptions): Promise<AttemptResult>
  /** Lets the attempts that are under way end, each within its `responseTimeout`, and closes the connections. */
  close(): Promise<void>
}

/** Options of {@link Endpoint.deliver}. */
export interface DeliverOptions {
  /** Ends the attempt at once when it is aborted: outcome `retry` with code `aborted`. */
  signal?: AbortSignal
  /** Are sent too, for a trace's context; those of the sender itself win. */
  headers?: Readonly<Record<string, string>>
}
