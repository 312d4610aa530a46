import { expect, test } from 'vitest'
import { createTestEndpoint, delivered } from '../testing/test-endpoint.ts'
import { openTestOutbox } from '../testing/test-outbox.ts'

test('endpoints that are configured, delivered to or known from before are told apart', async () => {
  const { createOutbox, enqueue, startOutbox } = openTestOutbox()
  await enqueue({ id: '1', endpointId: 'former' })
  const outbox = await startOutbox({ endpoints: [createTestEndpoint()] })
  expect(await outbox.endpoints.list()).toMatchObject([
    { id: 'former', isConfigured: false, isDispatched: false, pending: 1 },
    { id: 'one', isConfigured: true, isDispatched: true, pending: 0 },
  ])
  expect(await createOutbox({}).endpoints.list()).toMatchObject([
    { id: 'former', isConfigured: false },
    { id: 'one', isConfigured: false, isDispatched: true },
  ])
})

test('an endpoint that is not known is neither paused nor resumed', async () => {
  const { createOutbox } = openTestOutbox()
  const { endpoints } = createOutbox({ endpoints: [createTestEndpoint()] })
  expect(await endpoints.pause('unknown')).toBe(false)
  expect(await endpoints.resume('unknown')).toBe(false)
  expect(await endpoints.pause('one')).toBe(true)
  expect(await endpoints.list()).toMatchObject([{ id: 'one', paused: { reason: 'operator' } }])
})

test('endpoints are counted as far as is asked', async () => {
  const { createOutbox, enqueue } = openTestOutbox()
  await enqueue('1', '2', '3')
  const { endpoints } = createOutbox({})
  expect(await endpoints.list()).toMatchObject([{ pending: 3, exhausted: 0 }])
  expect(await endpoints.list({ countLimit: 2 })).toMatchObject([{ pending: 2 }])
  await expect(endpoints.list({ countLimit: 0 })).rejects.toMatchObject({ option: 'countLimit' })
})

// The decision was read before the start, when there was nothing to obey it, and not again.
test('obeys a pause of its own that came before its start', async () => {
  const { clock, createOutbox, enqueue } = openTestOutbox()
  const endpoint = createTestEndpoint({ answer: () => delivered })
  const outbox = createOutbox({ endpoints: [endpoint] })
  await outbox.endpoints.pause('one')
  await outbox.start()
  await enqueue('waits')
  await clock.quiet()
  expect(endpoint.attempted()).toEqual([])
  await outbox.endpoints.resume('one')
  await clock.quiet()
  expect(endpoint.attempted()).toEqual(['waits'])
})
