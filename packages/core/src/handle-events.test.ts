import { setImmediate } from 'node:timers/promises'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { EventType } from './event-type.ts'
import { handleEvents } from './handle-events.ts'
import type { TaskEvent } from './task-event.ts'
import type { VerifiedWebhook } from './verification.ts'

function webhookOf(eventType: EventType): VerifiedWebhook {
  return { event: { taskId: '1', eventType, orderId: '1' }, rawBody: Buffer.from('{}') }
}

function archiveCreated(event: TaskEvent & { eventType: 'OrderCreated' }): void {
  void event
}

describe('handleEvents', () => {
  test('calls the handler of the event type, with the event and the webhook', async () => {
    const calls: unknown[] = []
    const handle = handleEvents({
      OrderSigned: (...parameters) => void calls.push(['OrderSigned', ...parameters]),
      OrderCreated: (...parameters) => void calls.push(['OrderCreated', ...parameters]),
      default: (...parameters) => void calls.push(['default', ...parameters]),
    })
    const signed = webhookOf('OrderSigned')
    const expired = webhookOf('OrderExpired')
    await handle(signed)
    await handle(expired)
    expect(calls).toEqual([
      ['OrderSigned', signed.event, signed],
      ['default', expired.event, expired],
    ])
  })

  test('is done with an event that has no handler', async () => {
    await expect(
      handleEvents({ OrderSigned: undefined as never })(webhookOf('OrderSigned')),
    ).resolves.toBeUndefined()
    await expect(handleEvents({})(webhookOf('OrderSigned'))).resolves.toBeUndefined()
  })

  test('waits for its handler', async () => {
    const steps: string[] = []
    await handleEvents({
      OrderSigned: async () => {
        await setImmediate()
        steps.push('handled')
      },
    })(webhookOf('OrderSigned'))
    steps.push('resolved')
    expect(steps).toEqual(['handled', 'resolved'])
  })

  test('rejects with what its handler throws or rejects with', async () => {
    const error = new Error('no database')
    const throwing = handleEvents({
      OrderSigned: () => {
        throw error
      },
      OrderCreated: async () => Promise.reject(error),
    })
    await expect(throwing(webhookOf('OrderSigned'))).rejects.toBe(error)
    await expect(throwing(webhookOf('OrderCreated'))).rejects.toBe(error)
  })

  test.each(['default', 'constructor', '__proto__', 'toString'])(
    'takes the event type %j of a schema of your own for one without a handler',
    async (eventType) => {
      const types: string[] = []
      const handle = handleEvents<{ eventType: string }>({
        default: (event) => void types.push(event.eventType),
      })
      await handle({ event: { eventType }, rawBody: Buffer.from('{}') })
      expect(types).toEqual([eventType])
    },
  )

  test('refuses a handler that is no function, naming it', () => {
    expect(() => handleEvents({ OrderSigned: 'archive' as never })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'OrderSigned' }),
    )
    expect(() => handleEvents({ default: null as never })).toThrow(
      expect.objectContaining({ option: 'default' }),
    )
  })

  test('does not see handlers that are added later', async () => {
    const handlers: Parameters<typeof handleEvents>[0] = {}
    const handle = handleEvents(handlers)
    handlers.default = () => {
      throw new Error('added later')
    }
    await expect(handle(webhookOf('OrderSigned'))).resolves.toBeUndefined()
  })
})

describe('the types of handleEvents', () => {
  test('narrow the event in each handler', () => {
    const handle = handleEvents({
      OrderSigned: (event, { event: same, delivery }) => {
        expectTypeOf(event.eventType).toEqualTypeOf<'OrderSigned'>()
        expectTypeOf(event.taskId).toEqualTypeOf<string>()
        expectTypeOf(same.eventType).toEqualTypeOf<'OrderSigned'>()
        expectTypeOf(delivery).toEqualTypeOf<{ id: string; sentAt: Date } | undefined>()
      },
      default: (event) => {
        expectTypeOf(event).toEqualTypeOf<TaskEvent>()
      },
    })
    expectTypeOf(handle).toEqualTypeOf<(webhook: VerifiedWebhook) => Promise<void>>()
  })

  test('refuse a typo in an event name', () => {
    // @ts-expect-error no such event type
    expect(handleEvents({ OrderSinged: () => {} })).toBeTypeOf('function')
    // @ts-expect-error no such event type, beside one that exists
    expect(handleEvents({ OrderSigned: () => {}, orderCreated: () => {} })).toBeTypeOf('function')
  })

  test('refuse a handler for another event', () => {
    expect(handleEvents({ OrderCreated: archiveCreated })).toBeTypeOf('function')
    // @ts-expect-error the event is OrderSigned
    expect(handleEvents({ OrderSigned: archiveCreated })).toBeTypeOf('function')
  })

  test('narrow the events of a schema of your own', () => {
    type Event = { eventType: 'A'; amount: number } | { eventType: 'B'; reason: string }
    const handle = handleEvents<Event>({
      A: (event) => {
        expectTypeOf(event).toEqualTypeOf<{ eventType: 'A'; amount: number }>()
      },
      B: (event, webhook) => {
        expectTypeOf(event).toEqualTypeOf<{ eventType: 'B'; reason: string }>()
        expectTypeOf(webhook).toEqualTypeOf<VerifiedWebhook<{ eventType: 'B'; reason: string }>>()
      },
      default: (event) => {
        expectTypeOf(event).toEqualTypeOf<Event>()
      },
    })
    expectTypeOf(handle).parameters.toEqualTypeOf<[VerifiedWebhook<Event>]>()
    // @ts-expect-error no such event type
    handleEvents<Event>({ C: () => {} })
  })
})

test.each([undefined, null, [], new Map([['OrderSigned', () => {}]]), () => {}])(
  'refuses %s in place of handlers',
  (handlers) => {
    expect(() => handleEvents(handlers as never)).toThrow(expect.objectContaining({ option: 'handlers' }))
  },
)
