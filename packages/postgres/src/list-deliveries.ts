import { OutboxError, type DeliveryFilter, type DeliveryPage } from '@taskhook/outbox'
import type { Database } from './database.ts'
import { selectDelivered, selectUndelivered, toDeliveryRecord } from './delivery-row.ts'

const conditions = {
  endpointId: 'endpoint_id =',
  orderingKey: 'ordering_key =',
  type: 'type =',
  acceptedFrom: 'accepted_at >=',
  acceptedBefore: 'accepted_at <',
} as const satisfies Record<Exclude<keyof DeliveryFilter, 'state'>, string>

/** Lists deliveries by a filter, latest accepted or resent first, a page at a time. */
export function prepareListDeliveries({
  schema,
  query,
}: Database): (
  filter: DeliveryFilter,
  page: { limit: number; cursor?: string | undefined },
) => Promise<DeliveryPage> {
  return async (filter, { limit, cursor }) => {
    const where: string[] = []
    const values: unknown[] = []
    const parameter = (value: unknown): string => `$${values.push(value)}`
    for (const [key, condition] of Object.entries(conditions)) {
      const value = filter[key as keyof DeliveryFilter]
      if (value !== undefined) where.push(`${condition} ${parameter(value)}`)
    }
    if (cursor !== undefined) where.push(`number < ${parameter(readCursor(cursor))}`)
    // One more than the page holds tells whether there is another.
    const last = `ORDER BY number DESC LIMIT ${parameter(limit + 1)}`

    const { state } = filter
    const pending = `${selectUndelivered(schema)} WHERE ${['state = $state', ...where].join(' AND ')} ${last}`
    const parts = [
      ...(['pending', 'exhausted', 'canceled'] as const)
        .filter((one) => state === undefined || state === one)
        .map((one) => pending.replace('$state', `'${one}'`)),
      ...(state === undefined || state === 'delivered'
        ? [`${selectDelivered(schema)} WHERE ${['true', ...where].join(' AND ')} ${last}`]
        : []),
    ]
    const all = parts.map((part) => `(${part})`).join(' UNION ALL ')
    const rows = await query(`SELECT * FROM (${all}) AS found ${last}`, values)
    const page = rows.slice(0, limit)
    return {
      deliveries: page.map(toDeliveryRecord),
      ...(rows.length > limit && { nextCursor: String(page.at(-1)?.['number']) }),
    }
  }
}

function readCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new OutboxError('option_invalid', 'cursor: must be the nextCursor of an earlier page')
}
