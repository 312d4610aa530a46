import type { DeliveryState } from '../delivery.ts'
import type { DeliveryFilter } from '../ledger.ts'
import { OutboxError } from '../outbox-error.ts'

const states: readonly DeliveryState[] = ['pending', 'delivered', 'exhausted', 'held', 'canceled']

const kinds = {
  state: 'state',
  endpointId: 'text',
  orderingKey: 'text',
  type: 'text',
  acceptedFrom: 'time',
  acceptedBefore: 'time',
  ids: 'texts',
} as const satisfies Record<keyof DeliveryFilter, string>

/** The most deliveries that a page has. */
const maxPageSize = 10_000

/**
 * Checks a filter and the size of a page.
 *
 * @throws OutboxError `option_invalid`, which names what is wrong.
 */
export function checkFilter(filter: DeliveryFilter, limit: number): void {
  for (const [key, value] of Object.entries(filter)) {
    if (!Object.hasOwn(kinds, key))
      throw refuse(key, `is no filter; there are ${Object.keys(kinds).join(', ')}`)
    if (value !== undefined) checkValue(key, kinds[key as keyof DeliveryFilter], value)
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxPageSize) {
    throw refuse('limit', `must be a whole number from 1 to ${maxPageSize}`)
  }
}

function checkValue(key: string, kind: 'state' | 'text' | 'texts' | 'time', value: unknown): void {
  if (kind === 'state' && !states.includes(value as DeliveryState)) {
    throw refuse(key, `must be one of ${states.join(', ')}`)
  }
  if (kind === 'text' && typeof value !== 'string') throw refuse(key, 'must be a string')
  if (kind === 'texts' && !(Array.isArray(value) && value.every((one) => typeof one === 'string'))) {
    throw refuse(key, 'must be an array of strings')
  }
  if (kind === 'time' && !Number.isFinite(value)) {
    throw refuse(key, 'must be a time in milliseconds since 1970')
  }
}

function refuse(name: string, reason: string): OutboxError {
  return new OutboxError('option_invalid', `${name}: ${reason}`)
}
