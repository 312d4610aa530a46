import { channel, type Channel } from 'node:diagnostics_channel'
import type { AttemptReport } from './delivery.ts'

/** What all messages say. */
export interface OutboxMessage {
  /** Of the outbox that publishes it, {@link Outbox.id}: there may be several in a process. */
  outboxId: string
}

/** What all messages about a delivery say of it. */
export interface DeliveryMessage extends OutboxMessage {
  id: string
  endpointId: string
  orderingKey: string
  type: string
  /** As it was enqueued. */
  context?: string
}

/** A delivery that was accepted. */
export interface EnqueuedMessage extends DeliveryMessage {
  /** Whether it is in the application's own transaction, which has not committed yet. */
  isInTransaction: boolean
}

/** An attempt that was made and written down. */
export interface AttemptedMessage extends DeliveryMessage {
  /** 1 for the first attempt since the delivery was accepted or resent. */
  try: number
  report: AttemptReport
  /** How long the next attempt waits, in milliseconds; not there when this was the last one. */
  retryInMs?: number
}

/** Something about an endpoint. */
export interface EndpointMessage extends OutboxMessage {
  endpointId: string
}

/** A circuit that was opened. */
export interface CircuitOpenedMessage extends EndpointMessage {
  /** For how long nothing is attempted, in milliseconds. */
  forInMs: number
  /** How often in a row it has been opened. */
  openings: number
}

/** An operation of the ledger that failed in the background and is tried again. */
export interface FailedMessage extends OutboxMessage {
  error: unknown
}

/** What is published on each channel. */
export interface OutboxMessages {
  enqueued: EnqueuedMessage
  attempted: AttemptedMessage
  delivered: DeliveryMessage
  exhausted: DeliveryMessage
  /** The same, where those after it of its ordering key wait for an operator. */
  held: DeliveryMessage
  /** The endpoint wants nothing more, and is paused. */
  gone: EndpointMessage
  circuitOpened: CircuitOpenedMessage
  circuitClosed: EndpointMessage
  failed: FailedMessage
}

/** The `node:diagnostics_channel` channels of all outboxes in this process; {@link OutboxMessages} has what is published. */
export const channels: { readonly [Name in keyof OutboxMessages]: Channel } = {
  enqueued: channel('taskhook.outbox.enqueued'),
  attempted: channel('taskhook.outbox.attempted'),
  delivered: channel('taskhook.outbox.delivered'),
  exhausted: channel('taskhook.outbox.exhausted'),
  held: channel('taskhook.outbox.held'),
  gone: channel('taskhook.outbox.gone'),
  circuitOpened: channel('taskhook.outbox.circuit-opened'),
  circuitClosed: channel('taskhook.outbox.circuit-closed'),
  failed: channel('taskhook.outbox.failed'),
}

/** The channels as one outbox publishes on them. */
export interface OutboxChannels {
  hasSubscribers(name: keyof OutboxMessages): boolean
  publish<Name extends keyof OutboxMessages>(
    name: Name,
    message: Omit<OutboxMessages[Name], 'outboxId'>,
  ): void
}

/** Publishes in the name of one outbox. */
export function createOutboxChannels(outboxId: string): OutboxChannels {
  return {
    hasSubscribers: (name) => channels[name].hasSubscribers,
    publish(name, message) {
      if (channels[name].hasSubscribers) channels[name].publish({ ...message, outboxId })
    },
  }
}
