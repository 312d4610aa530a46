import type { EventType } from '@taskhook/core'

/** One change of a task, and the event that it raises: an action's name, or the fields to write. */
export interface Step {
  eventType: EventType
  change: string | object
}

const accept: Step = { eventType: 'OrderAccepted', change: 'accept' }

/** From the first change to the signature. */
export const longLifecycle: readonly Step[] = [
  {
    eventType: 'OrderDescriptionUpdated',
    change: { description: 'Sign the lease, ground floor included' },
  },
  { eventType: 'OrderDueDateUpdated', change: { dueDate: '2027-01-31' } },
  {
    eventType: 'OrderSignersUpdated',
    change: { signers: [{ name: 'Ada Lovelace', email: 'ada@example.org' }] },
  },
  {
    eventType: 'OrderDocumentUpdated',
    change: { document: { name: 'lease.pdf', url: 'https://www.example.org/lease.pdf' } },
  },
  accept,
  { eventType: 'OrderSigned', change: 'sign' },
]

/** What happens to the demo's tasks after they are created. Together: all ten events, none twice in a task. */
export const lifecycles: readonly (readonly Step[])[] = [
  longLifecycle,
  [{ eventType: 'OrderRejected', change: 'reject' }],
  [accept, { eventType: 'OrderCanceled', change: 'cancel' }],
  [accept, { eventType: 'OrderExpired', change: 'expire' }],
]
