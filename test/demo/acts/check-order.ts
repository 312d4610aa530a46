import { isDeepStrictEqual } from 'node:util'
import type { EventType } from '@taskhook/core'
import type { HandledEvent } from '../services/handled-event.ts'

/** Whether a receiver handled all events of a task in their order. */
export interface OrderCheck {
  passed: boolean
  /** Runs of the handler for an event that it had run for before. */
  repeats: number
}

/**
 * Compares what a receiver handled of a task with the events that the task raised, none of them twice. An event may be
 * handled again when its answer was lost; since the next one waits for the answer, its repeats come right after it.
 */
export function checkOrder(
  handled: readonly HandledEvent[],
  taskId: string,
  expected: readonly EventType[],
): OrderCheck {
  const types = handled.filter((event) => event.taskId === taskId).map(({ eventType }) => eventType)
  const distinct = types.filter((type, index) => type !== types[index - 1])
  return { passed: isDeepStrictEqual(distinct, expected), repeats: types.length - distinct.length }
}
