import { eventTypes } from '@taskhook/core'
import { describe, expect, it } from 'vitest'
import { eventTypeOf, stateAfter, taskActions, type TaskChange } from './task-change.ts'
import { taskStates, type TaskState } from './task.ts'

const fields = ['description', 'dueDate', 'signers', 'document'] as const

// One row a change, one column a state; a dash is a change that a task in that state cannot have.
const table: Record<TaskChange, string> = {
  //            created     accepted    signed  rejected canceled expired
  accept: '     accepted    -           -       -        -        -',
  sign: '       -           signed      -       -        -        -',
  reject: '     rejected    rejected    -       -        -        -',
  cancel: '     canceled    canceled    -       -        -        -',
  expire: '     expired     expired     -       -        -        -',
  description: 'created     accepted    -       -        -        -',
  dueDate: '    created     accepted    -       -        -        -',
  signers: '    created     accepted    -       -        -        -',
  document: '   created     accepted    -       -        -        -',
}

const cases = Object.entries(table).flatMap(([change, row]) =>
  row
    .trim()
    .split(/ +/)
    .map((after, column) => [change as TaskChange, taskStates[column] as TaskState, after] as const),
)

describe('stateAfter', () => {
  it('is decided for every change in every state', () => {
    expect(cases).toHaveLength((taskActions.length + fields.length) * taskStates.length)
  })

  it.each(cases)('%s of a task that is %s leads to %s', (change, before, after) => {
    expect(stateAfter(change, before) ?? '-').toBe(after)
  })
})

describe('eventTypeOf', () => {
  it('raises each of the ten events once, OrderCreated by creating a task', () => {
    const raised = [...taskActions, ...fields].map(eventTypeOf)
    expect(['OrderCreated', ...raised].toSorted()).toEqual(eventTypes.toSorted())
  })

  it.each([
    ['accept', 'OrderAccepted'],
    ['sign', 'OrderSigned'],
    ['reject', 'OrderRejected'],
    ['cancel', 'OrderCanceled'],
    ['expire', 'OrderExpired'],
    ['description', 'OrderDescriptionUpdated'],
    ['dueDate', 'OrderDueDateUpdated'],
    ['signers', 'OrderSignersUpdated'],
    ['document', 'OrderDocumentUpdated'],
  ] as const)('announces %s as %s', (change, eventType) => {
    expect(eventTypeOf(change)).toBe(eventType)
  })
})
