import type { VerifiedWebhook } from '@taskhook/core'
import { sqliteLedger } from '@taskhook/outbox'
import { createTestFile } from '@taskhook/outbox/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { createInbox } from './create-inbox.ts'
import type { InboxOptions } from './inbox-options.ts'
import { recordWebhooks } from './testing/recorder.ts'
import { openInbox, startInbox } from './testing/test-inbox.ts'
import { verified } from './testing/verified.ts'

describe('a webhook that was accepted', () => {
  test('reaches the handler as the verifier gave it, to the byte', async () => {
    const { handler, webhooks, attempts } = recordWebhooks()
    const inbox = await startInbox({ handler })
    const body = '\uFEFF { "taskId": "t\\u00e4sk", "eventType": "OrderSigned", "version": 1.0 }\r\n'
    const webhook = await verified({ body, key: 'north', id: 'msg_1' })
    const { id, isRepeat } = await inbox.accept(webhook)
    expect(isRepeat).toBe(false)
    await inbox.idle()
    expect(webhooks).toEqual([{ ...webhook, rawBody: new Uint8Array(webhook.rawBody) }])
    expect(webhooks[0]?.event).toEqual({ taskId: 'täsk', orderId: 'täsk', eventType: 'OrderSigned' })
    expect(attempts).toEqual([1])
    expect(await inbox.deliveries.get(id)).toMatchObject({
      state: 'delivered',
      taskId: 'täsk',
      eventType: 'OrderSigned',
      payload: body,
    })
  })

  test('is handled by a process that starts later', async () => {
    const store = `sqlite:${createTestFile()}`
    const accepting = await openInbox({ store })
    await accepting.accept(await verified({ taskId: 'task-1', key: 'north' }))
    await accepting.stop()
    const { handler, webhooks } = recordWebhooks()
    const inbox = await startInbox({ store, handler })
    await inbox.idle()
    expect(webhooks).toMatchObject([{ event: { taskId: 'task-1' }, installation: 'north' }])
  })

  test('waits for those before it of its task, while they are tried again', async () => {
    const order: string[] = []
    let failures = 2
    const inbox = await startInbox({
      handler: async ({ event }, { attempt }) => {
        order.push(`${event.taskId} ${event.eventType} ${attempt}`)
        if (event.taskId === 'a' && failures-- > 0) throw new Error('not yet')
      },
    })
    for (const eventType of ['OrderCreated', 'OrderSigned'] as const) {
      await inbox.accept(await verified({ taskId: 'a', eventType }))
    }
    await inbox.accept(await verified({ taskId: 'b' }))
    await expect.poll(() => order.length).toBe(5)
    expect(order.filter((one) => one.startsWith('a'))).toEqual([
      'a OrderCreated 1',
      'a OrderCreated 2',
      'a OrderCreated 3',
      'a OrderSigned 1',
    ])
  })

  test('has an event of the schema, with what the schema makes', async () => {
    const schema = z.object({ ticket: z.coerce.number(), at: z.coerce.date() })
    type Ticket = z.infer<typeof schema>
    const { handler, webhooks } = recordWebhooks<Ticket>()
    const inbox = await startInbox({ handler, schema, taskIdOf: ({ event }) => String(event.ticket) })
    const body = '{"ticket":"7","at":"2026-11-29T00:00:00Z"}'
    const webhook = (await verified(
      { body },
      { schema: schema as never },
    )) as unknown as VerifiedWebhook<Ticket>
    await inbox.accept(webhook)
    await inbox.idle()
    expect(webhooks).toMatchObject([{ event: { ticket: 7, at: new Date('2026-11-29') } }])
    expect((await inbox.deliveries.list()).deliveries).toMatchObject([{ taskId: '7', eventType: '' }])
  })

  test('of another event has the task of its body', async () => {
    const schema = z.object({ taskId: z.string().transform((id) => ({ id })) })
    const inbox = await openInbox<unknown, z.infer<typeof schema>>({ schema })
    const body = '{"orderId":"7","taskId":"7","eventType":"OrderSigned"}'
    await inbox.accept((await verified({ body }, { schema: schema as never })) as never)
    expect((await inbox.deliveries.list()).deliveries).toMatchObject([
      { taskId: '7', eventType: 'OrderSigned' },
    ])
  })

  test('is in the words of tasks for operators, and is handled once more when they say so', async () => {
    const { handler, webhooks } = recordWebhooks()
    const inbox = await startInbox({ handler, id: 'billing' })
    const { id } = await inbox.accept(await verified({ taskId: 'task-1' }))
    await inbox.idle()
    const { deliveries } = await inbox.deliveries.list({ taskId: 'task-1' })
    expect(deliveries).toMatchObject([{ id, endpointId: 'billing', state: 'delivered' }])
    await inbox.endpoints.pause('billing')
    expect(await inbox.deliveries.resend(id)).toBe(true)
    await inbox.idle()
    expect(webhooks).toHaveLength(1)
    await inbox.endpoints.resume('billing')
    await inbox.idle()
    expect(webhooks).toHaveLength(2)
    expect(await inbox.endpoints.list()).toMatchObject([{ id: 'billing', pending: 0, isDispatched: true }])
  })
})

describe('the store', () => {
  test('that was given stays open', async () => {
    const ledger = sqliteLedger({ file: createTestFile() })
    onTestFinished(() => ledger.close())
    const inbox = await openInbox({ store: ledger })
    const { id } = await inbox.accept(await verified())
    await inbox.stop()
    expect(await ledger.operate.getDelivery(id)).toBeDefined()
  })

  test('that two inboxes share keeps them apart by their ids', async () => {
    const store = `sqlite:${createTestFile()}`
    const [billing, archive] = [recordWebhooks(), recordWebhooks()]
    const first = await startInbox({ store, id: 'billing', handler: billing.handler })
    const second = await startInbox({ store, id: 'archive', handler: archive.handler })
    const webhook = await verified({ id: 'msg_1' })
    expect(await first.accept(webhook)).toMatchObject({ isRepeat: false })
    expect(await second.accept(webhook)).toMatchObject({ isRepeat: false })
    await Promise.all([first.idle(), second.idle()])
    expect([billing.webhooks.length, archive.webhooks.length]).toEqual([1, 1])
  })

  test('is closed by await using', async () => {
    const inbox = await openInbox()
    await inbox[Symbol.asyncDispose]()
    await expect(inbox.accept(await verified())).rejects.toMatchObject({ code: 'inbox_unavailable' })
  })
})

describe('accept refuses', () => {
  test('what is no webhook', async () => {
    const inbox = await openInbox()
    for (const webhook of [undefined, {}, { event: {}, rawBody: '{}' }]) {
      await expect(inbox.accept(webhook as never)).rejects.toMatchObject({ option: 'webhook' })
    }
    const webhook = await verified()
    const latin1 = { ...webhook, rawBody: Buffer.from([0xff]) }
    await expect(inbox.accept(latin1)).rejects.toMatchObject({ option: 'webhook' })
  })

  // As a 500 it would be tried again for days.
  test('a task that no store can hold, with a 400', async () => {
    const inbox = await openInbox()
    const webhook = await verified({ body: '{"taskId":"\\ud800","eventType":"OrderSigned"}' })
    await expect(inbox.accept(webhook)).rejects.toMatchObject({ code: 'payload_invalid', status: 400 })
  })

  test('no event type, of whatever length it is', async () => {
    const schema = z.object({ taskId: z.string(), eventType: z.string() })
    const inbox = await openInbox<unknown, z.infer<typeof schema>>({ schema })
    const body = JSON.stringify({ taskId: '7', eventType: `\0${'x'.repeat(2000)}` })
    await inbox.accept(await verified({ body }, { schema: schema as never }))
    expect((await inbox.deliveries.list()).deliveries).toMatchObject([{ taskId: '7' }])
  })
})

describe('createInbox refuses', () => {
  test.each<[string, Partial<InboxOptions>]>([
    ['handler', { handler: undefined as never }],
    ['store', { store: 7 as never }],
    ['store', { store: 'mysql://localhost' }],
    ['store', { store: '' }],
    ['schema', { schema: {} as never }],
    ['retryScheduleInMs', { retryScheduleInMs: [] }],
    ['retryScheduleInMs', { retryScheduleInMs: [-1] }],
    ['maxConcurrency', { maxConcurrency: 0 }],
    ['handlerTimeoutInMs', { handlerTimeoutInMs: 0 }],
    ['handlerTimeoutInMs', { handlerTimeoutInMs: Number.POSITIVE_INFINITY }],
    ['handlerTimeoutInMs', { handlerTimeoutInMs: true as never }],
    ['crashLimit', { crashLimit: 0 }],
    ['whenExhausted', { whenExhausted: 'stop' as never }],
    ['transaction', { transaction: 1 as never }],
    ['idOf', { idOf: 'id' as never }],
    ['id', { id: '' }],
    ['id', { id: 'é'.repeat(501) }],
    ['id', { id: 'north\0' }],
    ['id', { id: '\ud800' }],
    ['retentionInMs', { retentionInMs: 0 }],
    ['logger', { logger: '' as never }],
    ['logger', { logger: null as never }],
    ['logger', { logger: 0 as never }],
    ['logger', { logger: { info: () => {} } as never }],
    ['handlertimeoutInMs', { handlertimeoutInMs: 5 } as never],
  ])('%s: %j', async (option, options) => {
    const made = createInbox({
      handler: async () => {},
      store: 'sqlite::memory:',
      ...options,
    })
    await expect(made).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(made).rejects.toThrow(option)
  })
})
