import type { FlagParametersForType } from '@stricli/core'
import type { DeliveryState } from '@taskhook/outbox'
import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import type { CliContext } from './cli-context.ts'
import { parseMoment } from './parse-time.ts'

/** Which deliveries, as flags. */
export interface SearchFlags {
  task?: string | undefined
  endpoint?: string | undefined
  eventType?: string | undefined
  state?: DeliveryState | undefined
  from?: Date | undefined
  before?: Date | undefined
}

function parse(this: CliContext, text: string): Date {
  return parseMoment(text, this.now())
}

/** Which tasks, endpoints and events. */
export const eventFlags: FlagParametersForType<
  Pick<SearchFlags, 'task' | 'endpoint' | 'eventType'>,
  CliContext
> = {
  task: { kind: 'parsed', parse: String, optional: true, placeholder: 'taskId', brief: 'Of this task' },
  endpoint: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'endpointId',
    brief: 'To this endpoint',
  },
  eventType: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'type',
    brief: 'Of this type, OrderSigned for example',
  },
}

/** The filters of the commands about deliveries. What is given must hold, all of it. */
export const searchFlags: FlagParametersForType<SearchFlags, CliContext> = {
  ...eventFlags,
  state: {
    kind: 'enum',
    values: ['pending', 'delivered', 'exhausted', 'held', 'canceled'],
    optional: true,
    brief: 'In this state',
  },
  from: {
    kind: 'parsed',
    parse,
    optional: true,
    placeholder: 'time',
    brief: 'Accepted then or later: 2026-11-29T14:00Z, or 2h for two hours ago',
  },
  before: { kind: 'parsed', parse, optional: true, placeholder: 'time', brief: 'Accepted before' },
}

/** The flags as a filter of the outbox. */
export function toFilter({ task, endpoint, eventType, state, from, before }: SearchFlags): DeliveryFilter {
  return {
    taskId: task,
    endpointId: endpoint,
    eventType,
    state,
    acceptedFrom: from,
    acceptedBefore: before,
  }
}
