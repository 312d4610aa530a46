import type { DatabaseSync } from 'node:sqlite'
import { WebhookError } from '@taskhook/core'
import { acceptInto, verifyWebhook } from '@taskhook/fastify'
import { createInbox, type Inbox } from '@taskhook/inbox'
import Fastify, { type FastifyInstance } from 'fastify'
import { fetchTask } from './fetch-task.ts'
import { keepTask, openTaskStore } from './task-store.ts'

/** What the receiver has to be told. */
export interface ReceiverOptions {
  secret: string
  key: string
  automationUrl: string
  /** The SQLite file of the inbox, and of the tasks. */
  file: string
  /** Default: several times within twenty seconds, while a service restarts, and then for a day. */
  retryScheduleInMs?: readonly number[]
}

/** The receiver: an application to listen with, which ends the inbox when it is closed, and an inbox to start. */
export interface Receiver {
  app: FastifyInstance
  inbox: Inbox
}

const [second, minute, hour] = [1000, 60_000, 3_600_000]
const soonAndLater = [0, 0.5, 1, 2, 5, 5, 5].map((wait) => wait * second)
soonAndLater.push(minute, 10 * minute, hour, 6 * hour, 18 * hour)

/** Makes the receiver: `POST /automation` takes the webhooks, `GET /tasks` and `GET /history` show what was handled. */
export async function createReceiver({
  secret,
  key,
  automationUrl,
  file,
  retryScheduleInMs = soonAndLater,
}: ReceiverOptions): Promise<Receiver> {
  const store = openTaskStore(file)
  const inbox = await createInbox<DatabaseSync>({
    store: `sqlite:${file}`,
    transaction: true,
    retryScheduleInMs,
    // An event says that a task changed, the task itself says how. What is written here and that the webhook is handled are one commit.
    async handler({ event }, context) {
      const task = await fetchTask(automationUrl, event.taskId, context.signal)
      // Not before the task is there: from here on others wait that write to the file.
      keepTask(context.transaction, event, task)
      console.log(`${event.eventType} ${event.taskId} ${task.state}`)
    },
  })

  // A sender with a key posts to /automation/?key=…, with a slash that Fastify does not overlook by itself.
  const app = Fastify({ logger: { level: 'warn' }, routerOptions: { ignoreTrailingSlash: true } })

  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, key, replayProtection: 'required' })
    scope.post('/automation', acceptInto(inbox)) // 202 once it is stored
  })

  app.get('/tasks', async () => store.tasks())
  app.get('/history', async () => store.history())

  app.setErrorHandler((error, request, reply) => {
    if (!WebhookError.isInstance(error)) throw error
    if (error.status >= 500) request.log.error(error)
    return reply
      .code(error.status)
      .headers(error.headers)
      .type('application/problem+json')
      .send(error.toProblem())
  })
  app.addHook('onClose', async () => {
    await inbox.stop()
    store.close()
  })
  return { app, inbox }
}
