import { expect, test } from 'vitest'
import { formatDeliveryQuery, parseDeliveryQuery } from './delivery-query.ts'

test('an address and a filter are the same', () => {
  const address =
    'outbox=sender&state=exhausted&endpoint=crm&task=a+%26+b&event=OrderSigned&from=2026-11-29T08%3A30&before=2026-11-29T08%3A31%3A05.250'
  const { outbox, filter, problems } = parseDeliveryQuery(new URLSearchParams(address))
  expect(filter).toEqual({
    state: 'exhausted',
    endpointId: 'crm',
    taskId: 'a & b',
    eventType: 'OrderSigned',
    acceptedFrom: new Date('2026-11-29T08:30:00Z'),
    acceptedBefore: new Date('2026-11-29T08:31:05.250Z'),
  })
  expect(problems).toEqual([])
  expect(formatDeliveryQuery(outbox!, filter).toString()).toBe(address)
})

test('what is left empty in a form is no filter', () => {
  expect(parseDeliveryQuery(new URLSearchParams('state=&task=+&from='))).toEqual({ filter: {}, problems: [] })
})

test.each([
  ['2026-11-29', '2026-11-29T00:00:00Z'],
  ['2026-11-29T08:30:00Z', '2026-11-29T08:30:00Z'],
  ['2026-11-29T08:30+01:00', '2026-11-29T07:30:00Z'],
])('takes %s for a time', (text, time) => {
  const { filter } = parseDeliveryQuery(new URLSearchParams({ from: text }))
  expect(filter.acceptedFrom).toEqual(new Date(time))
})

test.each(['state=lost', 'from=yesterday', 'before=2026-13-01T00:00'])(
  'says what is wrong with %s',
  (address) => {
    expect(parseDeliveryQuery(new URLSearchParams(address))).toEqual({
      filter: {},
      problems: [expect.any(String)],
    })
  },
)
