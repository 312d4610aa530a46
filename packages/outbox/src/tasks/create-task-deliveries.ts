import { checkGivenOptions, checkOptions, OptionError } from '@taskhook/core'
import type {
  DeliveryChange as OutboxChange,
  DeliverySummary as OutboxSummary,
  OutboxDeliveries,
} from '../operate/operators.ts'
import type {
  DeliveryChange,
  DeliveryFilter,
  DeliveryListFilter,
  DeliverySummary,
  TaskDeliveries,
} from './task-deliveries.ts'

const filterNames = {
  state: true,
  taskId: true,
  endpointId: true,
  eventType: true,
  acceptedFrom: true,
  acceptedBefore: true,
} as const

/**
 * An outbox's deliveries, in the words of tasks: `taskId` for its ordering key, `eventType` for its type.
 *
 * @example
 * const { deliveries } = await createTaskDeliveries(outbox.deliveries).list({ taskId: '07c6ad8c' })
 */
export function createTaskDeliveries(deliveries: OutboxDeliveries): TaskDeliveries {
  return {
    async list(filter = {}) {
      checkOptions<DeliveryListFilter>(filter, {
        ...filterNames,
        limit: true,
        cursor: true,
        oldestFirst: true,
        lookAtMost: true,
      })
      const page = await deliveries.list(toSearch(filter))
      return { ...page, deliveries: page.deliveries.map(inWordsOfTasks) }
    },
    async get(id) {
      const found = await deliveries.get(id)
      return found && inWordsOfTasks(found)
    },
    resend: (id) => deliveries.resend(id),
    async count(filter = {}, options) {
      checkOptions<DeliveryFilter>(filter, filterNames)
      return deliveries.count(toSearch(filter), options)
    },
    watch: (options) => deliveries.watch(options),
    follow(filter = {}, options) {
      checkOptions<DeliveryFilter>(filter, filterNames)
      return inWordsOfTasksEach(deliveries.follow(toSearch(filter), options))
    },
    async resendAll(filter, options) {
      checkGivenOptions<DeliveryFilter>(filter, filterNames)
      return deliveries.resendAll(toSearch(filter), options)
    },
    cancel: (id) => deliveries.cancel(id),
  }
}

async function* inWordsOfTasksEach(changes: AsyncIterable<OutboxChange>): AsyncGenerator<DeliveryChange> {
  for await (const { kind, delivery } of changes) yield { kind, delivery: inWordsOfTasks(delivery) }
}

function toSearch<Filter extends DeliveryFilter>({ taskId, eventType, ...rest }: Filter) {
  // The outbox would refuse them under its own names.
  for (const [name, value] of Object.entries({ taskId, eventType })) {
    if (value !== undefined && typeof value !== 'string') throw new OptionError(name, 'must be a string')
  }
  return { ...rest, orderingKey: taskId, type: eventType }
}

function inWordsOfTasks<Summary extends OutboxSummary>({
  orderingKey,
  type,
  ...rest
}: Summary): Omit<Summary, 'orderingKey' | 'type'> & Pick<DeliverySummary, 'taskId' | 'eventType'> {
  return { ...rest, taskId: orderingKey, eventType: type }
}
