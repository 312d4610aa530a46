import type { EventType } from '@taskhook/core'
import type { TaskFields, TaskState } from './task.ts'

/** What moves a task to another state. */
export const taskActions = ['accept', 'sign', 'reject', 'cancel', 'expire'] as const
type TaskAction = (typeof taskActions)[number]

/** What can happen to a task: an action, or another value for one of its fields. */
export type TaskChange = TaskAction | keyof TaskFields

interface Rule {
  from: readonly TaskState[]
  /** Not there: the state stays. */
  to?: TaskState
  eventType: EventType
}

const open: readonly TaskState[] = ['created', 'accepted']

const rules: Record<TaskChange, Rule> = {
  accept: { from: ['created'], to: 'accepted', eventType: 'OrderAccepted' },
  sign: { from: ['accepted'], to: 'signed', eventType: 'OrderSigned' },
  reject: { from: open, to: 'rejected', eventType: 'OrderRejected' },
  cancel: { from: open, to: 'canceled', eventType: 'OrderCanceled' },
  expire: { from: open, to: 'expired', eventType: 'OrderExpired' },
  description: { from: open, eventType: 'OrderDescriptionUpdated' },
  dueDate: { from: open, eventType: 'OrderDueDateUpdated' },
  signers: { from: open, eventType: 'OrderSignersUpdated' },
  document: { from: open, eventType: 'OrderDocumentUpdated' },
}

/** The state that a change leads to; `undefined` when a task in `state` cannot have it. */
export function stateAfter(change: TaskChange, state: TaskState): TaskState | undefined {
  const { from, to = state } = rules[change]
  return from.includes(state) ? to : undefined
}

/** The event that a change raises. */
export function eventTypeOf(change: TaskChange): EventType {
  return rules[change].eventType
}
