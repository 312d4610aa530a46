/** The ten changes of a task that are announced, in the order of the specification. */
export const eventTypes = [
  'OrderCreated',
  'OrderDocumentUpdated',
  'OrderAccepted',
  'OrderSigned',
  'OrderRejected',
  'OrderCanceled',
  'OrderExpired',
  'OrderDueDateUpdated',
  'OrderSignersUpdated',
  'OrderDescriptionUpdated',
] as const

/** The name of one change of a task. */
export type EventType = (typeof eventTypes)[number]

const known: ReadonlySet<unknown> = new Set(eventTypes)

/** Whether `value` names one of the ten changes. */
export function isEventType(value: unknown): value is EventType {
  return known.has(value)
}
