import { checkOptions } from '@taskhook/core'
import type { DeliverySummary as OutboxSummary, OutboxDeliveries } from '@taskhook/outbox'
import type { DeliveryFilter, DeliveryListFilter, DeliverySummary, SenderDeliveries } from '../sender.ts'

const filterNames = {
  state: true,
  taskId: true,
  endpointId: true,
  eventType: true,
  acceptedFrom: true,
  acceptedBefore: true,
} as const

/** The outbox's deliveries, in the words of tasks. */
export function createSenderDeliveries(deliveries: OutboxDeliveries): SenderDeliveries {
  return {
    async list(filter = {}) {
      checkOptions<DeliveryListFilter>(filter, { ...filterNames, limit: true, cursor: true })
      const page = await deliveries.list(toSearch(filter))
      return { ...page, deliveries: page.deliveries.map(inWordsOfTasks) }
    },
    async get(id) {
      const found = await deliveries.get(id)
      return found && inWordsOfTasks(found)
    },
    resend: (id) => deliveries.resend(id),
    async resendAll(filter, options) {
      checkOptions<DeliveryFilter>(filter, filterNames)
      checkOptions<typeof options>(options, { perSecond: true })
      // Without options there is no perSecond, and the outbox says so.
      return deliveries.resendAll(toSearch(filter), options ?? {})
    },
    cancel: (id) => deliveries.cancel(id),
  }
}

function toSearch<Filter extends DeliveryFilter>({ taskId, eventType, ...rest }: Filter) {
  return { ...rest, orderingKey: taskId, type: eventType }
}

function inWordsOfTasks<Summary extends OutboxSummary>({
  orderingKey,
  type,
  ...rest
}: Summary): Omit<Summary, 'orderingKey' | 'type'> & Pick<DeliverySummary, 'taskId' | 'eventType'> {
  return { ...rest, taskId: orderingKey, eventType: type }
}
