import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveryMessage } from '@taskhook/outbox'
import { answerParent } from './child.ts'
import { countAttempts } from './count-attempts.ts'
import { openSender, type SenderPlace } from './open-sender.ts'

/** How many events to send, one after another, by a sender that delivers. */
export interface SentSample extends SenderPlace {
  count: number
}

/** What came of a {@link SentSample}. */
export interface SentSampleResult {
  /** Of each event, from the call of `send` until it is written down as delivered. */
  latenciesInMs: number[]
  /** Attempts of the tasks beside them, until the sender had stopped. */
  besideCountAtEnd: number
}

const channel = 'taskhook.outbox.delivered'

async function sendAndTime({ count, ...place }: SentSample): Promise<SentSampleResult> {
  const sender = await openSender(place)
  // The first one is sent before the sender has read what was there when it was started.
  using counter = countAttempts(count + 1)
  await sender.start()
  await sendOne()
  const latenciesInMs: number[] = []
  for (let index = 0; index < count; index++) {
    await delay(20 * Math.random())
    latenciesInMs.push(await sendOne())
  }
  await counter.delivered
  await sender.stop()
  return { latenciesInMs, besideCountAtEnd: counter.besideCount }

  async function sendOne(): Promise<number> {
    const taskId = randomUUID()
    const startedAt = performance.now()
    const delivered = untilDelivered(taskId)
    await sender.send({ taskId, eventType: 'OrderSigned' })
    return (await delivered) - startedAt
  }
}

/** Resolves to the time when the event of a task is written down as delivered. */
function untilDelivered(taskId: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  subscribe(channel, function onDelivered(message) {
    if ((message as DeliveryMessage).orderingKey !== taskId) return
    unsubscribe(channel, onDelivered)
    resolve(performance.now())
  })
  return promise
}

answerParent((question) => sendAndTime(question as SentSample))
