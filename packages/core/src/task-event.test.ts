import * as fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import { eventTypes, isEventType, type EventType } from './event-type.ts'
import { encodeTaskEvent, fastTaskEventSchema, taskEventSchema, type TaskEvent } from './task-event.ts'

function parse(payload: unknown): TaskEvent | undefined {
  return taskEventSchema.safeParse(payload).data
}

describe('eventTypes', () => {
  test('are the ten of the specification, in its order', () => {
    expect(eventTypes).toEqual([
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
    ])
  })

  test('are known by isEventType, which nothing else is', () => {
    expect(eventTypes.every(isEventType)).toBe(true)
    for (const other of [
      'ordersigned',
      'OrderSigned ',
      '',
      '__proto__',
      'constructor',
      undefined,
      null,
      0,
      {},
    ]) {
      expect(isEventType(other)).toBe(false)
    }
  })

  test('narrow by isEventType', () => {
    expectTypeOf(isEventType).guards.toEqualTypeOf<EventType>()
  })
})

describe('taskEventSchema', () => {
  const event = { taskId: '1', eventType: 'OrderSigned', orderId: '1' }

  test('gives both ids, whichever of them was there', () => {
    expect(parse({ taskId: '1', orderId: '1', eventType: 'OrderSigned' })).toEqual(event)
    expect(parse({ taskId: '1', eventType: 'OrderSigned' })).toEqual(event)
    expect(parse({ orderId: '1', eventType: 'OrderSigned' })).toEqual(event)
  })

  test('takes every one of the ten types', () => {
    for (const eventType of eventTypes) expect(parse({ taskId: '1', eventType })).toMatchObject({ eventType })
  })

  test.each([1, 254, 255])('takes an id of %i characters', (length) => {
    const id = 'x'.repeat(length)
    expect(parse({ orderId: id, eventType: 'OrderSigned' })?.taskId).toBe(id)
  })

  test('takes an id of any characters but control characters, as it is', () => {
    for (const id of [' ', '1.0', '../../etc', '😀', '__proto__', "' OR 1=1 --"]) {
      expect(parse({ taskId: id, eventType: 'OrderSigned' })?.taskId).toBe(id)
    }
  })

  test.each([
    ['no id', { eventType: 'OrderSigned' }],
    ['an empty id', { taskId: '', eventType: 'OrderSigned' }],
    ['an empty id beside a right one', { taskId: '', orderId: '1', eventType: 'OrderSigned' }],
    ['an id with a NUL', { taskId: 'a\0', eventType: 'OrderSigned' }],
    ['an id with a line break', { taskId: '1\n2', eventType: 'OrderSigned' }],
    ['an id with a C1 control character', { orderId: '\u0085', eventType: 'OrderSigned' }],
    ['an id of 256 characters', { taskId: 'x'.repeat(256), eventType: 'OrderSigned' }],
    ['an id that is null', { taskId: null, orderId: '1', eventType: 'OrderSigned' }],
    ['an id that is a number', { taskId: 1, eventType: 'OrderSigned' }],
    ['two ids', { taskId: '1', orderId: '2', eventType: 'OrderSigned' }],
    ['ids that look the same', { taskId: '\u00e9', orderId: 'e\u0301', eventType: 'OrderSigned' }],
    ['no type', { taskId: '1' }],
    ['a type in another case', { taskId: '1', eventType: 'orderSigned' }],
    ['a type of Object.prototype', { taskId: '1', eventType: 'toString' }],
    ['several types', { taskId: '1', eventType: ['OrderSigned'] }],
    ['an array', [event]],
    ['null', null],
    ['a string', 'OrderSigned'],
  ])('refuses %s', (_what, payload) => {
    expect(taskEventSchema.safeParse(payload).success).toBe(false)
  })

  test('drops what it does not know', () => {
    const payload: unknown = JSON.parse(
      '{"taskId":"1","eventType":"OrderSigned","state":"x","__proto__":{"a":1},"constructor":{"prototype":{"a":1}}}',
    )
    const parsed = parse(payload)
    expect(Object.keys(parsed ?? {})).toEqual(['taskId', 'eventType', 'orderId'])
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
  })

  test('does not take an id or a type from a "__proto__" property', () => {
    expect(parse(JSON.parse('{"eventType":"OrderSigned","__proto__":{"taskId":"1"}}'))).toBeUndefined()
    expect(parse(JSON.parse('{"taskId":"1","__proto__":{"eventType":"OrderSigned"}}'))).toBeUndefined()
  })

  test('is a zod schema of TaskEvent', () => {
    expectTypeOf<z.output<typeof taskEventSchema>>().toEqualTypeOf<TaskEvent>()
  })
})

describe('fastTaskEventSchema', () => {
  test('comes to the same result as taskEventSchema, whatever the payload', () => {
    const id = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.constantFrom('a', 'b', 'x'.repeat(255), 'x'.repeat(256), 1, null, undefined),
    )
    const eventType = fc.oneof(
      fc.constantFrom<unknown>(...eventTypes, 'OrderArchived', 'constructor'),
      fc.jsonValue(),
    )
    const event = fc.record(
      { taskId: id, orderId: id, eventType, extra: fc.jsonValue() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: fc.jsonValue() }),
        (payload) => {
          expect(fastTaskEventSchema['~standard'].validate(payload)).toEqual(
            taskEventSchema['~standard'].validate(payload),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('encodeTaskEvent', () => {
  test('writes the keys in the order of the specification', () => {
    expect(encodeTaskEvent({ taskId: '07c6ad8c', eventType: 'OrderAccepted' })).toBe(
      '{"orderId":"07c6ad8c","eventType":"OrderAccepted","taskId":"07c6ad8c"}',
    )
  })

  test('writes what the schema reads back', () => {
    const ids = fc.string({ unit: 'grapheme', minLength: 1 }).filter(({ length }) => length <= 255)
    fc.assert(
      fc.property(ids, fc.constantFrom(...eventTypes), (taskId, eventType) => {
        const payload: unknown = JSON.parse(encodeTaskEvent({ taskId, eventType }))
        expect(taskEventSchema.parse(payload)).toEqual({ taskId, eventType, orderId: taskId })
      }),
    )
  })

  test('writes nothing but the event', () => {
    const event = { taskId: '1', eventType: 'OrderSigned', orderId: '2', secret: 'x' } as const
    expect(JSON.parse(encodeTaskEvent(event))).toEqual({
      orderId: '1',
      eventType: 'OrderSigned',
      taskId: '1',
    })
  })

  test.each(['', 'x'.repeat(256), 1, undefined, null])('refuses the id %j', (taskId) => {
    expect(() => encodeTaskEvent({ taskId: taskId as string, eventType: 'OrderSigned' })).toThrow(
      expect.objectContaining({ option: 'taskId' }),
    )
  })

  test.each(['', 'orderSigned', 'toString', undefined])('refuses the type %j', (eventType) => {
    expect(() => encodeTaskEvent({ taskId: '1', eventType: eventType as EventType })).toThrow(
      expect.objectContaining({ option: 'eventType' }),
    )
  })

  test('wants an event type of the ten by type', () => {
    // @ts-expect-error a typo in an event type
    expect(() => encodeTaskEvent({ taskId: '1', eventType: 'OrderSinged' })).toThrow('eventType')
  })
})
