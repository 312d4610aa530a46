import { OptionError } from '@taskhook/core'
import type { Outbox, OutboxEndpoints } from '@taskhook/outbox'
import { createTaskDeliveries, type TaskDeliveries } from '@taskhook/outbox/tasks'
import type { Source } from './source.ts'

/** What a dashboard shows: an `Outbox`, or what has deliveries in the words of tasks, a `Sender` or an `Inbox`. */
export type OutboxLike =
  | Pick<Outbox, 'deliveries' | 'endpoints' | 'enqueue'>
  | { deliveries: TaskDeliveries; endpoints: OutboxEndpoints }

/** One of several, with the name that it has on the pages. */
export interface NamedOutbox {
  /** 1 to 64 characters, its own among all. */
  name: string
  outbox: OutboxLike
}

const longestName = 64

/**
 * One source for each outbox that was given.
 *
 * @throws OptionError for what is none, and for names that cannot be told apart.
 */
export function toSources(given: OutboxLike | readonly NamedOutbox[]): Source[] {
  if (!isList(given)) return [toSource(nameOf(given), given)]
  if (given.length === 0) throw new OptionError('outbox', 'must have at least one outbox')
  const names = new Set<string>()
  return given.map((one) => {
    const { name, outbox } = one ?? {}
    if (typeof name !== 'string' || name.length < 1 || name.length > longestName) {
      throw new OptionError(
        'outbox',
        `must be a list of { name, outbox }, each name 1 to ${longestName} characters`,
      )
    }
    if (names.has(name)) throw new OptionError('outbox', `has the name "${name}" twice`)
    names.add(name)
    return toSource(name, outbox)
  })
}

function isList(given: OutboxLike | readonly NamedOutbox[]): given is readonly NamedOutbox[] {
  return Array.isArray(given)
}

function toSource(name: string, outbox: OutboxLike): Source {
  if (typeof outbox?.deliveries?.list !== 'function' || typeof outbox.endpoints?.list !== 'function') {
    throw new OptionError('outbox', 'must be an outbox, a sender or an inbox, or a list of { name, outbox }')
  }
  const isInbox = 'accept' in outbox
  const { endpoints } = outbox
  if (!('enqueue' in outbox)) return { name, isInbox, deliveries: outbox.deliveries, endpoints }
  return { name, isInbox, deliveries: createTaskDeliveries(outbox.deliveries), endpoints }
}

function nameOf(outbox: OutboxLike): string {
  if (typeof outbox !== 'object' || outbox === null) return 'outbox'
  if ('send' in outbox) return 'sender'
  return 'accept' in outbox ? 'inbox' : 'outbox'
}
