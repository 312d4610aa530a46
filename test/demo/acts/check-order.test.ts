import type { EventType } from '@taskhook/core'
import { describe, expect, it } from 'vitest'
import type { HandledEvent } from '../services/handled-event.ts'
import { checkOrder } from './check-order.ts'

function handled(...types: EventType[]): HandledEvent[] {
  return types.map((eventType) => ({ eventType, taskId: 'a', state: 'signed', handledAt: 0 }))
}

describe('checkOrder', () => {
  const [created, accepted, signed] = ['OrderCreated', 'OrderAccepted', 'OrderSigned'] as const
  const expected = [created, accepted, signed]

  it.each([
    ['all in order', handled(created, accepted, signed), { passed: true, repeats: 0 }],
    ['one again at once', handled(created, accepted, accepted, signed), { passed: true, repeats: 1 }],
    ['one again later', handled(created, accepted, signed, accepted), { passed: false, repeats: 0 }],
    ['two swapped', handled(accepted, created, signed), { passed: false, repeats: 0 }],
    ['one missing', handled(created, signed), { passed: false, repeats: 0 }],
  ])('is told %s', (_name, events, check) => {
    const ofAnother = { ...(events[0] as HandledEvent), taskId: 'b' }
    expect(checkOrder([ofAnother, ...events, ofAnother], 'a', expected)).toEqual(check)
  })
})
