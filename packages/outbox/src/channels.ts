import { channel, type Channel } from 'node:diagnostics_channel'
import type { AttemptReport } from './delivery.ts'
import type { Circuit } from './circuit-breaker.ts'

/** What all messages about a delivery say of it. */
export interface DeliveryMessage {
  id: string
  endpointId: string
  orderingKey: string
  type: string
}

/** An attempt that was made and written down. */
export interface AttemptedMessage extends DeliveryMessage {
  /** 1 for the first attempt since the delivery was accepted or resent. */
  try: number
  report: AttemptReport
}

/** A circuit that was opened or closed. */
export interface CircuitMessage {
  endpointId: string
  circuit: Circuit
}

/** The `node:diagnostics_channel` channels of the outbox; what is published is the message named with each. */
export const channels: {
  /** {@link DeliveryMessage}, once committed; not for one in the application's own transaction. */
  readonly enqueued: Channel
  /** {@link AttemptedMessage} */
  readonly attempted: Channel
  /** {@link DeliveryMessage} */
  readonly delivered: Channel
  /** {@link DeliveryMessage} */
  readonly exhausted: Channel
  /** {@link CircuitMessage} */
  readonly circuitOpened: Channel
  /** {@link CircuitMessage} */
  readonly circuitClosed: Channel
  /** `{ error }`: an operation of the ledger that failed in the background and is tried again. */
  readonly failed: Channel
} = {
  enqueued: channel('taskhook.outbox.enqueued'),
  attempted: channel('taskhook.outbox.attempted'),
  delivered: channel('taskhook.outbox.delivered'),
  exhausted: channel('taskhook.outbox.exhausted'),
  circuitOpened: channel('taskhook.outbox.circuit-opened'),
  circuitClosed: channel('taskhook.outbox.circuit-closed'),
  failed: channel('taskhook.outbox.failed'),
}
