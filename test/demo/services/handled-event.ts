import { isEventType, type EventType } from '@taskhook/core'
import type { ExampleProcess, Line } from './example-process.ts'

/** A run of a receiver's handler, as the receiver prints it: `OrderSigned 07c6ad8c-… signed`. */
export interface HandledEvent {
  eventType: EventType
  taskId: string
  /** The state of the task that it fetched. */
  state: string
  /** On the clock of `performance.now()`. */
  handledAt: number
}

function parse({ text, arrivedAt }: Line): HandledEvent | undefined {
  const [eventType, taskId, state] = text.split(' ')
  if (!isEventType(eventType) || taskId === undefined || state === undefined) return undefined
  return { eventType, taskId, state, handledAt: arrivedAt }
}

/** The runs of the handler that a receiver's lines tell of. */
export function handledEvents(lines: readonly Line[]): HandledEvent[] {
  return lines.map(parse).filter((event) => event !== undefined)
}

/** Waits until a receiver's handler has run for an event; lines before number `from` do not count. */
export async function waitForHandling(
  receiver: ExampleProcess,
  eventType: EventType,
  taskId: string,
  from = 0,
): Promise<HandledEvent> {
  const start = `${eventType} ${taskId} `
  const line = await receiver.waitForLine(`"${start}…"`, (text) => text.startsWith(start), from)
  return parse(line) as HandledEvent
}
