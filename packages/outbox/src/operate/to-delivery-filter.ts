import { checkGivenOptions, OptionError } from '@taskhook/core'
import type { DeliveryState } from '../delivery.ts'
import type { DeliveryFilter } from '../ledger.ts'
import type { DeliverySearch } from './operators.ts'

const states: readonly DeliveryState[] = ['pending', 'delivered', 'exhausted', 'held', 'canceled']

/**
 * What an operator searches for, as a ledger takes it.
 *
 * @throws OptionError for what is no filter, or cannot be one.
 */
export function toDeliveryFilter(search: DeliverySearch): DeliveryFilter {
  // A misspelled one would match everything, and resendAll send it.
  checkGivenOptions<DeliverySearch>(search, {
    state: true,
    orderingKey: true,
    endpointId: true,
    type: true,
    acceptedFrom: true,
    acceptedBefore: true,
  })
  const { state, orderingKey, endpointId, type, acceptedFrom, acceptedBefore } = search
  if (state !== undefined && !states.includes(state)) {
    throw new OptionError('state', `must be one of ${states.join(', ')}`)
  }
  for (const [name, value] of Object.entries({ endpointId, orderingKey, type })) {
    if (value !== undefined && typeof value !== 'string') throw new OptionError(name, 'must be a string')
  }
  return {
    state,
    endpointId,
    orderingKey,
    type,
    acceptedFrom: toTime('acceptedFrom', acceptedFrom),
    acceptedBefore: toTime('acceptedBefore', acceptedBefore),
  }
}

function toTime(option: string, date: Date | undefined): number | undefined {
  if (date === undefined) return undefined
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
    throw new OptionError(option, 'must be a valid Date')
  }
  return date.getTime()
}
