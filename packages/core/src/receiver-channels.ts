import { channel, type Channel } from 'node:diagnostics_channel'

/** What is known of a webhook that was verified. Each is there if the event has it. */
export interface ReceivedMessage {
  eventType?: string
  taskId?: string
  /** The `?key=` value. */
  installation?: string
  /** `webhook-id`, the same for every attempt of one delivery. */
  deliveryId?: string
}

/** A webhook that was acknowledged, and whose handler has not run. */
export interface AcknowledgedMessage {
  outcome: 'ignored' | 'duplicate'
  eventType?: string
  deliveryId?: string
}

/** A request that was refused before a handler ran. */
export interface RefusedMessage {
  /** Of the `WebhookError`, or of the framework's own error. */
  code: string
  status: number
  error: unknown
}

/** A handler that has ended. */
export interface HandledMessage extends ReceivedMessage {
  /** Whether it answered 2xx, or what it said by `settle` or `waitUntil`. */
  succeeded: boolean
  /** From when the webhook was verified, in milliseconds. */
  durationInMs: number
  /** Why it failed, as far as it is known: the `code` or the class of an error, or the status that was answered. */
  errorType?: string
}

/** What is published on each channel. */
export interface ReceiverMessages {
  received: ReceivedMessage
  acknowledged: AcknowledgedMessage
  refused: RefusedMessage
  handled: HandledMessage
}

/**
 * The `node:diagnostics_channel` channels of all receivers in this process. {@link ReceiverMessages} has the published
 * messages. A request that is given to a bare `verify` publishes nothing: the caller knows its result.
 *
 * @example
 * receiverChannels.refused.subscribe((message) => {
 *   const { code, status } = message as RefusedMessage
 *   console.warn(code, status)
 * })
 */
export const receiverChannels: { readonly [Name in keyof ReceiverMessages]: Channel } = {
  received: channel('taskhook.receiver.received'),
  acknowledged: channel('taskhook.receiver.acknowledged'),
  refused: channel('taskhook.receiver.refused'),
  handled: channel('taskhook.receiver.handled'),
}

/** Whether anything listens to a receiver's channels. */
export function isHeard(): boolean {
  const { received, acknowledged, refused, handled } = receiverChannels
  return (
    received.hasSubscribers || acknowledged.hasSubscribers || refused.hasSubscribers || handled.hasSubscribers
  )
}

/** Publishes where something listens. */
export function publish<Name extends keyof ReceiverMessages>(
  name: Name,
  message: ReceiverMessages[Name],
): void {
  if (receiverChannels[name].hasSubscribers) receiverChannels[name].publish(message)
}
