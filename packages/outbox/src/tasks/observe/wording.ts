/** What messages to operators call the side of the wire that they come from. */
export interface Wording {
  /** What they come from. */
  self: string
  /** The option that says where it keeps its deliveries. */
  storeOption: string
  /** What takes its deliveries, and is to be mended when it does not. */
  taker: string
  /** What has become of a webhook that was taken. */
  taken: string
  /** What was accepted before it was started. */
  accepted: string
  /** Whether each attempt that fails is worth a warning: it is the application's own code that failed. */
  warnsOfFailures: boolean
}

/** A sender's: its deliveries go to a receiver. */
export const senderWording: Wording = {
  self: 'sender',
  storeOption: 'outbox',
  taker: 'receiver',
  taken: 'delivered',
  accepted: 'events were sent, and this sender delivers',
  warnsOfFailures: false,
}

/** An inbox's: its deliveries go to the application's handler. */
export const inboxWording: Wording = {
  self: 'inbox',
  storeOption: 'store',
  taker: 'handler',
  taken: 'handled',
  accepted: 'webhooks were accepted, and this inbox handles',
  warnsOfFailures: true,
}
