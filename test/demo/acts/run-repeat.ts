import { signedRequest } from '@taskhook/core/testing'
import { handledEvents, waitForHandling } from '../services/handled-event.ts'
import { sendRequest, type Answer } from '../services/send-request.ts'
import type { Receiver, ReceiverName, Services } from '../services/start-services.ts'

/** How a receiver took a delivery that came twice. */
export interface RepeatResult {
  receiver: ReceiverName
  /** The answer to the repeat. */
  answer: Answer
  /** How often the handler ran for the delivery and its repeat. */
  handlerRuns: number
  passed: boolean
}

/** Sends one delivery twice to each receiver, at once. */
export async function* runRepeat(
  { receivers, signal }: Services,
  taskId: string,
): AsyncGenerator<RepeatResult> {
  for (const receiver of receivers) yield await repeat(receiver, taskId, signal)
}

async function repeat(
  { name, process, url, secret, key }: Receiver,
  taskId: string,
  signal: AbortSignal,
): Promise<RepeatResult> {
  const delivery = signedRequest({ secret, key, taskId, eventType: 'OrderDueDateUpdated' })
  const next = signedRequest({ secret, key, taskId, eventType: 'OrderSignersUpdated' })
  const before = process.lines.length

  const first = await sendRequest(url, delivery, signal)
  const answer = await sendRequest(url, delivery, signal)
  // A run of the handler is known by its line. Lines keep their order, so with that of a later delivery here, one of
  // the repeat would be here too.
  const last = await sendRequest(url, next, signal)
  if (last.status === 202) await waitForHandling(process, 'OrderSignersUpdated', taskId, before)
  const ran = handledEvents(process.lines.slice(before)).filter(
    ({ eventType }) => eventType === 'OrderDueDateUpdated',
  )
  const passed = [first, answer, last].every(({ status }) => status === 202) && ran.length === 1
  return { receiver: name, answer, handlerRuns: ran.length, passed }
}
