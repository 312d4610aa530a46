import type { DeliveryListFilter, DeliverySummary } from '@taskhook/outbox/tasks'
import { expect, test } from 'vitest'
import type { Source } from './source.ts'
import { searchDeliveries } from './search-deliveries.ts'

const start = Date.parse('2026-11-29T08:00:00Z')

/** So many deliveries, a second apart, and what was asked of their ledger. */
function createList(count: number) {
  const asked: DeliveryListFilter[] = []
  const all = Array.from({ length: count }, (_, index): DeliverySummary => {
    const age = count - 1 - index
    return {
      id: String(index),
      taskId: 'task',
      eventType: index === count - 1 ? 'OrderExpired' : 'OrderSigned',
      endpointId: index % 2 === 0 ? 'crm' : 'erp',
      state: 'delivered',
      acceptedAt: new Date(start + age * 1000),
      attemptCount: 1,
    }
  })
  const list = async (filter: DeliveryListFilter = {}) => {
    asked.push(filter)
    const from = Number(filter.cursor ?? 0)
    const end = from + filter.limit!
    return { deliveries: all.slice(from, end), ...(end < count && { nextCursor: String(end) }) }
  }
  return { asked, source: { deliveries: { list } } as unknown as Source }
}

test.each([
  [{}],
  [{ state: 'exhausted', endpointId: 'crm' }],
  [{ taskId: 'task', eventType: 'OrderSigned', endpointId: 'crm' }],
  [{ state: 'delivered' }],
] as const)('what has an index is one page of fifty: %j', async (filter) => {
  const { asked, source } = createList(1000)
  const found = await searchDeliveries(source, filter)
  expect(found).toMatchObject({ nextCursor: '50' })
  expect(found).not.toHaveProperty('lookedAt')
  expect(asked).toEqual([{ ...filter, limit: 50, cursor: undefined }])
})

test('what has none is looked for until there is a page of it', async () => {
  const { asked, source } = createList(10_000)
  const found = await searchDeliveries(source, { endpointId: 'crm' })
  expect(found.deliveries).toHaveLength(125)
  expect(found.deliveries.every(({ endpointId }) => endpointId === 'crm')).toBe(true)
  expect(found).toMatchObject({ nextCursor: '250' })
  expect(asked).toHaveLength(1)
})

test('what is rare is looked for among the latest twenty thousand, and the next page goes on there', async () => {
  const { asked, source } = createList(21_000)
  const first = await searchDeliveries(source, { eventType: 'OrderExpired' })
  expect(first).toEqual({ deliveries: [], nextCursor: '20000', lookedAt: 20_000 })
  expect(asked).toHaveLength(80)
  const second = await searchDeliveries(source, { eventType: 'OrderExpired' }, first.nextCursor)
  expect(second.deliveries.map(({ id }) => id)).toEqual(['20999'])
  expect(second).not.toHaveProperty('nextCursor')
})

test('times are from one on and before the other', async () => {
  const { source } = createList(100)
  const acceptedFrom = new Date(start + 10_000)
  const acceptedBefore = new Date(start + 12_000)
  const { deliveries } = await searchDeliveries(source, { acceptedFrom, acceptedBefore })
  expect(deliveries.map(({ id }) => id)).toEqual(['88', '89'])
})
