import { expect, test } from 'vitest'
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
