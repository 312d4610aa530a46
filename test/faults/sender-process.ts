/**
 * A sender under load. Event `k` of a task is always the same, with an idempotency key of its own, as an application has it that
 * goes through its changes again after a crash. What `send` has resolved for is appended to a log.
 */
import { subscribe } from 'node:diagnostics_channel'
import { once, EventEmitter } from 'node:events'
import { appendFileSync } from 'node:fs'
import { eventTypes } from '@taskhook/core'
import { createSender } from '@taskhook/sender'
import { readAcceptedLog } from './accepted-log.ts'
import { endWithParent, optionsFromParent, tellParent } from './parent.ts'
import { insist } from './insist.ts'

/** What a sender process is told. */
export interface SenderProcessOptions {
  /** Its name, which the receiver gets with each request. */
  name: string
  /** As `createSender` takes it. */
  outbox: string
  /** Where accepted events are noted, one line each. */
  log: string
  /** Where the code of each error is noted that it went on from. */
  refusalLog: string
  /** Where events go; each event to all of them. */
  endpoints: readonly string[]
  maxConcurrency: number
  leaseInMs: number
  /** The tasks that this process sends events of. No other process does. */
  tasks: readonly string[]
}

// Calls to `send` for one task that are made without waiting for one another: they must keep their order too.
const burstLength = 3
const laneCount = 8
// More would be accepted than is delivered; what counts is that there is always something waiting, and something accepted.
const longestBacklog = 400
// By then every connection has been made and used.
const steadyAfter = 200

const options = optionsFromParent<SenderProcessOptions>()
const { name, outbox, log, refusalLog, endpoints, maxConcurrency, leaseInMs, tasks } = options
endWithParent()

const progress = new EventEmitter().setMaxListeners(laneCount + 1)
let backlog = 0
let deliveredCount = 0
subscribe('taskhook.outbox.delivered', () => {
  backlog -= 1
  deliveredCount += 1
  if (deliveredCount === steadyAfter) tellParent({ kind: 'steady' })
  progress.emit('delivered')
})
const finish = new AbortController()
const finishing = finish.signal
process.on('message', ({ kind }: { kind: 'finish' | 'stall' }) => {
  // Here and not by the parent: never within a transaction, whose lock would stall every process on the file.
  if (kind === 'stall') return process.kill(process.pid, 'SIGSTOP')
  finish.abort()
  progress.emit('delivered')
})

tellParent({ kind: 'starting' })
const sender = await insistNoted(() =>
  createSender({
    webHook: endpoints.map((endpoint) => ({
      enabled: true,
      endpoint,
      secret: 'a secret',
      headers: { 'x-sender': name },
      maxConcurrency,
      retrySchedule: ['PT0S', ...Array.from({ length: 50 }, () => 'PT0.02S')],
    })),
    outbox,
    leaseInMs,
  }),
)
await insistNoted(() => sender.start())

const next = new Map(tasks.map((task) => [task, 0]))
for (const { task, index } of readAcceptedLog(log)) if (next.has(task)) next.set(task, index + 1)
await Promise.all(Array.from({ length: laneCount }, (_, lane) => runLane(lane)))
tellParent({ kind: 'accepted' })

// Deliveries that other processes have claimed are waited for too.
while ((await countPending()) > 0) await delivery(50)
await sender.stop()
tellParent({ kind: 'drained' })
process.disconnect()

/** Goes through a part of the tasks again and again, at least once: after a crash that also finds what was not noted. */
async function runLane(lane: number): Promise<void> {
  const own = tasks.filter((_, index) => index % laneCount === lane)
  for (let round = 0; round === 0 || !finishing.aborted; round += 1) {
    for (const task of own) {
      while (isFarBehind()) {
        const isTold = await delivery(200)
        // What others deliver is not told here, nor what the database has written and could not say so.
        if (!isTold) backlog = await countPending()
      }
      await sendBurst(task)
    }
  }
}

function isFarBehind(): boolean {
  return backlog > longestBacklog && !finishing.aborted
}

/** Waits for the next delivery, for a limited time. Resolves to whether there was one. */
async function delivery(timeoutInMs: number): Promise<boolean> {
  try {
    await once(progress, 'delivered', { signal: AbortSignal.timeout(timeoutInMs) })
    return true
  } catch {
    return false
  }
}

async function countPending(): Promise<number> {
  const statuses = await insistNoted(() => sender.endpoints.list())
  return statuses.reduce((sum, { pending }) => sum + pending, 0)
}

/** Notes each error that passes, for the judge. */
function insistNoted<T>(operation: () => Promise<T>): Promise<T> {
  return insist(operation, (code) => appendFileSync(refusalLog, `${code}\n`))
}

async function sendBurst(task: string): Promise<void> {
  const first = next.get(task) ?? 0
  next.set(task, first + burstLength)
  backlog += burstLength * endpoints.length
  // Should one be refused, all are sent again: the later ones must not overtake it.
  await insistNoted(async () => {
    const sent = await Promise.allSettled(
      Array.from({ length: burstLength }, (_, offset) => sendOne(task, first + offset)),
    )
    for (const result of sent) if (result.status === 'rejected') throw result.reason
  })
}

async function sendOne(task: string, index: number): Promise<void> {
  const event = { taskId: task, eventType: eventTypes[index % eventTypes.length]! }
  const { deliveries } = await sender.send(event, { idempotencyKey: `${task}/${index}` })
  appendFileSync(log, `${task} ${index} ${deliveries.map(({ id }) => id).join(' ')}\n`)
}
