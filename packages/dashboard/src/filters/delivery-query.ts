import type { DeliveryState } from '@taskhook/outbox'
import type { DeliveryFilter } from '@taskhook/outbox/tasks'
import { deliveryStates } from './delivery-states.ts'

/** What the address of a page says about which deliveries are meant. */
export interface DeliveryQuery {
  outbox?: string
  filter: DeliveryFilter
  /** What cannot be, in words: it is left out of the filter, so nothing may be changed by it. */
  problems: string[]
}

/** The names in an address, and in a form. */
const names = ['outbox', 'state', 'endpoint', 'task', 'event', 'from', 'before'] as const

/** Reads which deliveries are meant. Times are in UTC unless they say otherwise. */
export function parseDeliveryQuery(params: URLSearchParams): DeliveryQuery {
  const [outbox, state, endpointId, taskId, eventType, from, before] = names.map((name) => {
    const value = params.get(name)?.trim()
    return value === '' ? undefined : value
  })
  const problems: string[] = []
  const filter: DeliveryFilter = {}
  if (state !== undefined) {
    if ((deliveryStates as readonly string[]).includes(state)) filter.state = state as DeliveryState
    else problems.push(`“${state}” is no state: it is one of ${deliveryStates.join(', ')}.`)
  }
  if (endpointId !== undefined) filter.endpointId = endpointId
  if (taskId !== undefined) filter.taskId = taskId
  if (eventType !== undefined) filter.eventType = eventType
  for (const [key, text] of [
    ['acceptedFrom', from],
    ['acceptedBefore', before],
  ] as const) {
    if (text === undefined) continue
    const time = parseTime(text)
    if (time === undefined) problems.push(`“${text}” is no time: write it as 2026-11-29T08:30.`)
    else filter[key] = time
  }
  return { ...(outbox !== undefined && { outbox }), filter, problems }
}

/** The same as an address has it. */
export function formatDeliveryQuery(outbox: string, filter: DeliveryFilter): URLSearchParams {
  const { state, endpointId, taskId, eventType, acceptedFrom, acceptedBefore } = filter
  const times = [acceptedFrom, acceptedBefore].map((time) => time && formatTime(time))
  const values = [outbox, state, endpointId, taskId, eventType, ...times]
  const entries = names.map((name, index) => [name, values[index]] as const)
  return new URLSearchParams(
    entries.filter((entry): entry is [(typeof names)[number], string] => entry[1] !== undefined),
  )
}

/** As an input of the type `datetime-local` takes it, in UTC. */
export function formatTime(time: Date): string {
  const text = time.toISOString()
  // Seconds only where there are some, and milliseconds too.
  return text.replace(/(?::00)?\.000Z$/, '').replace(/Z$/, '')
}

function parseTime(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(?:Z|[+-]\d\d:\d\d)?$/.test(text))
    return undefined
  const time = new Date(/[Z]$|T.*[+-]\d\d:\d\d$/.test(text) || text.length === 10 ? text : `${text}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}
