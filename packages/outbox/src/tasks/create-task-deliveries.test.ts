import { expect, test, vi } from 'vitest'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'
import { createTaskDeliveries } from './create-task-deliveries.ts'
import { toTaskRecord } from './to-task-record.ts'

const event = { taskId: 'task-1', eventType: 'OrderSigned' } as const

test('finds an event by its task and its type, and says both', async () => {
  const { clock, startOutbox } = openTestOutbox()
  const outbox = await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
  await outbox.enqueue([
    { endpointId: 'one', id: '1', ...toTaskRecord(event) },
    { endpointId: 'one', id: '2', ...toTaskRecord({ ...event, taskId: 'task-2' }) },
    { endpointId: 'one', id: '3', ...toTaskRecord({ ...event, eventType: 'OrderExpired' }) },
  ])
  await clock.quiet()
  const deliveries = createTaskDeliveries(outbox.deliveries)
  const page = await deliveries.list({ taskId: 'task-1', eventType: 'OrderSigned' })
  expect(page).toMatchObject({ deliveries: [{ id: '1', ...event, state: 'delivered' }] })
  expect(Object.keys(page.deliveries[0]!)).not.toContain('orderingKey')
  expect(await deliveries.get('1')).toMatchObject({ ...event, payload: expect.stringContaining('task-1') })
  expect(await deliveries.get('4')).toBeUndefined()
})

test('counts and follows in the words of tasks', async () => {
  const { ledger, createOutbox } = openTestOutbox()
  const outbox = createOutbox({})
  await outbox.enqueue([{ endpointId: 'one', id: '1', ...toTaskRecord(event) }])
  const deliveries = createTaskDeliveries(outbox.deliveries)
  expect(await deliveries.count({ taskId: 'task-1' })).toEqual({ count: 1, isExact: true })
  expect(await deliveries.count({ eventType: 'OrderExpired' })).toEqual({ count: 0, isExact: true })

  const watch = deliveries.watch({ atMostEveryInMs: 0 })[Symbol.asyncIterator]()
  await watch.next()
  const changes = deliveries.follow({ taskId: 'task-1' }, { atMostEveryInMs: 0 })[Symbol.asyncIterator]()
  const readVersion = vi.spyOn(ledger.operate, 'readVersion')
  const next = changes.next()
  await vi.waitFor(() => expect(readVersion.mock.calls.length).toBeGreaterThan(1))
  await outbox.deliveries.cancel('1')
  expect((await next).value).toMatchObject({ kind: 'canceled', delivery: { id: '1', ...event } })
  await Promise.all([watch.return?.(), changes.return?.()])
})

test('refuses the words of the outbox, rather than to match everything', async () => {
  const { createOutbox } = openTestOutbox()
  const deliveries = createTaskDeliveries(createOutbox({}).deliveries)
  const filter = { orderingKey: 'task-1' } as never
  await expect(deliveries.list(filter)).rejects.toMatchObject({ option: 'orderingKey' })
  await expect(deliveries.resendAll(filter, { perSecond: 1 })).rejects.toMatchObject({
    option: 'orderingKey',
  })
})

test.each(['task\0', 'task\ud800'])('refuses a task that a database would change: %j', (taskId) => {
  expect(() => toTaskRecord({ ...event, taskId })).toThrow('taskId')
})
