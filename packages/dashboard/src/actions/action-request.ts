import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import { formatDeliveryQuery, parseDeliveryQuery } from '../filters/delivery-query.ts'
import { findSource } from '../pages/find-source.ts'
import type { Source } from '../sources/source.ts'

/** What a page asks for: something with one delivery, with one endpoint, or with all deliveries that match. */
export type ActionRequest =
  | { action: 'resend' | 'cancel'; source: Source; deliveryId: string }
  | { action: 'pause' | 'resume'; source: Source; endpointId: string }
  | { action: 'resend-all' | 'cancel-all'; source: Source; filter: DeliveryFilter }

/** Reads an action from an address or a form; what cannot be is said in words. */
export function parseAction(params: URLSearchParams, sources: readonly Source[]): ActionRequest | string {
  const action = params.get('do') ?? ''
  const source = findSource(sources, params.get('outbox'))
  if (source === undefined) return `There is no outbox “${params.get('outbox')}”.`
  switch (action) {
    case 'resend':
    case 'cancel': {
      const deliveryId = params.get('id') ?? ''
      return deliveryId === '' ? 'The id of the delivery is missing.' : { action, source, deliveryId }
    }
    case 'pause':
    case 'resume': {
      const endpointId = params.get('endpoint') ?? ''
      return endpointId === '' ? 'The id of the endpoint is missing.' : { action, source, endpointId }
    }
    case 'resend-all':
    case 'cancel-all': {
      // A condition that is left out would match more than was meant.
      const { filter, problems } = parseDeliveryQuery(params)
      if (problems.length > 0) return problems.join(' ')
      // Nothing else can be canceled.
      const cancelable = filter.state === 'held' ? 'held' : 'pending'
      const state = action === 'cancel-all' ? cancelable : (filter.state ?? 'exhausted')
      return { action, source, filter: { ...filter, state } }
    }
    default:
      return `There is no action “${action}”.`
  }
}

/** The fields of a form that asks for an action. */
export function toFields(request: ActionRequest): [name: string, value: string][] {
  const fields: [string, string][] = [['do', request.action]]
  if ('filter' in request) return [...fields, ...formatDeliveryQuery(request.source.name, request.filter)]
  fields.push(['outbox', request.source.name])
  if ('deliveryId' in request) return [...fields, ['id', request.deliveryId]]
  return [...fields, ['endpoint', request.endpointId]]
}
