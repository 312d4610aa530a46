import { setTimeout as wait } from 'node:timers/promises'
import { eventTypes } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import type { AcceptedEvent } from '../accepted-log.ts'

/** What {@link postWebhooks} posts, and whereto. */
export interface PostOptions {
  secret: string
  tasks: readonly string[]
  random: () => number
  /** The port of some receiver that listens, if there is one. */
  pickPort: () => number | undefined
  /** Whether, with that many accepted, more would only wait. */
  isFarBehind: (accepted: number) => boolean
}

/** A client under way. */
export interface PostRun {
  /** Those that were answered 202, each task's in the order sent. */
  accepted: readonly AcceptedEvent[]
  /** How many requests were made, repeats included. */
  readonly requests: number
  /** How often each other status was the answer; 0 is none. */
  statuses: Readonly<Record<number, number>>
  /** Sends nothing new, and resolves when all that was sent is answered 202. */
  finish(): Promise<void>
}

const laneCount = 16
const repeatRatio = 0.1
// A receiver that stands still does not answer, and a sender goes to another one then.
const patienceInMs = 1000
const retryInMs = 20

/** Posts webhooks of many tasks, one of a task at a time, each until it is answered 202; and one in ten once more. */
export function postWebhooks({ secret, tasks, random, pickPort, isFarBehind }: PostOptions): PostRun {
  const accepted: AcceptedEvent[] = []
  const statuses: Record<number, number> = {}
  let requests = 0
  let isFinishing = false

  async function post(task: string, index: number): Promise<number> {
    let port = pickPort()
    while (port === undefined) {
      await wait(retryInMs)
      port = pickPort()
    }
    requests += 1
    const { method, url, headers, body } = signedRequest({
      secret,
      taskId: task,
      eventType: eventTypes[index % eventTypes.length]!,
      id: `${task}/${index}`,
    })
    const signal = AbortSignal.timeout(patienceInMs)
    return fetch(`http://127.0.0.1:${port}${url}`, { method, headers, body, signal }).then(
      async (response) => {
        // Whatever the answer says: without its end the connection is not used again.
        await response.text().catch(() => {})
        return response.status
      },
      () => 0,
    )
  }

  async function postUntilAccepted(task: string, index: number): Promise<void> {
    for (;;) {
      const status = await post(task, index)
      if (status === 202) break
      statuses[status] = (statuses[status] ?? 0) + 1
      await wait(retryInMs)
    }
    accepted.push({ task, index, deliveryIds: [`${task}/${index}`] })
    if (random() < repeatRatio) await post(task, index)
  }

  async function runLane(lane: number): Promise<void> {
    const own = tasks.filter((_, index) => index % laneCount === lane)
    for (let index = 0; !isFinishing; index += 1) {
      for (const task of own) {
        while (isFarBehind(accepted.length) && !isFinishing) await wait(20)
        await postUntilAccepted(task, index)
      }
    }
  }

  const lanes = Promise.all(Array.from({ length: laneCount }, (_, lane) => runLane(lane)))
  return {
    accepted,
    statuses,
    get requests() {
      return requests
    },
    async finish() {
      isFinishing = true
      await lanes
    },
  }
}
