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
    const until = Math.min(count, from + (filter.lookAtMost ?? count))
    const page: DeliverySummary[] = []
    let next = from
    for (; next < until && page.length < filter.limit!; next += 1)
      if (matches(all[next]!, filter)) page.push(all[next]!)
    return { deliveries: page, ...(next < count && { nextCursor: String(next) }) }
  }
  return { asked, source: { deliveries: { list } } as unknown as Source }
}

function matches(
  { endpointId, eventType, acceptedAt }: DeliverySummary,
  { endpointId: endpoint, eventType: event, acceptedFrom, acceptedBefore }: DeliveryListFilter,
): boolean {
  return (
    (endpoint === undefined || endpointId === endpoint) &&
    (event === undefined || eventType === event) &&
    (acceptedFrom === undefined || acceptedAt >= acceptedFrom) &&
    (acceptedBefore === undefined || acceptedAt < acceptedBefore)
  )
}

test.each([
  [{}],
  [{ state: 'exhausted', endpointId: 'crm' }],
  [{ taskId: 'task', eventType: 'OrderSigned', endpointId: 'crm' }],
  [{ state: 'delivered' }],
] as const)('what has an index is one page of fifty: %j', async (filter) => {
  const { asked, source } = createList(1000)
  const found = await searchDeliveries(source, filter)
  expect(found.nextCursor).toBeDefined()
  expect(found).not.toHaveProperty('lookedAt')
  expect(asked).toEqual([{ ...filter, limit: 50, cursor: undefined }])
})

test('what has none is looked for until there is a page of it', async () => {
  const { asked, source } = createList(10_000)
  const found = await searchDeliveries(source, { endpointId: 'crm' })
  expect(found.deliveries).toHaveLength(50)
  expect(found.deliveries.every(({ endpointId }) => endpointId === 'crm')).toBe(true)
  expect(found).toMatchObject({ nextCursor: '99' })
  expect(found).not.toHaveProperty('lookedAt')
  expect(asked).toMatchObject([{ limit: 50, lookAtMost: 20_000 }])
})

test('what is rare is looked for among the latest million, a part at a time, and the next page goes on there', async () => {
  const looks: (number | undefined)[] = []
  const list = async ({ cursor = '0', lookAtMost }: DeliveryListFilter = {}) => {
    looks.push(lookAtMost)
    return { deliveries: [], nextCursor: String(Number(cursor) + lookAtMost!) }
  }
  const source = { deliveries: { list } } as unknown as Source
  const first = await searchDeliveries(source, { eventType: 'OrderExpired' })
  expect(first).toEqual({ deliveries: [], nextCursor: '1000000', lookedAt: 1_000_000 })
  expect(looks).toEqual(Array.from({ length: 50 }, () => 20_000))
  const second = await searchDeliveries(source, { eventType: 'OrderExpired' }, first.nextCursor)
  expect(second).toMatchObject({ nextCursor: '2000000' })
})

test('what others do comes in between two parts', async () => {
  const { asked, source } = createList(100_000)
  const search = searchDeliveries(source, { eventType: 'OrderNever' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked.length).toBeLessThan(5)
  await search
  expect(asked).toHaveLength(5)
})

test('times are from one on and before the other', async () => {
  const { source } = createList(100)
  const acceptedFrom = new Date(start + 10_000)
  const acceptedBefore = new Date(start + 12_000)
  const { deliveries } = await searchDeliveries(source, { acceptedFrom, acceptedBefore })
  expect(deliveries.map(({ id }) => id)).toEqual(['88', '89'])
})
