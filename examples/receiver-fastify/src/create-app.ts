import { handleEvents, memoryDedupe, WebhookError, type TaskEvent } from '@taskhook/core'
import { verifyWebhook } from '@taskhook/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { fetchTask, type Task } from './fetch-task.ts'

/** What the receiver has to be told. */
export interface AppOptions {
  secret: string
  key: string
  automationUrl: string
}

/** Makes the application: `POST /automation` takes the webhooks, `GET /tasks` shows what is known of the tasks. */
export function createApp({ secret, key, automationUrl }: AppOptions): FastifyInstance {
  const tasks = new Map<string, Task>()

  // An event says that a task changed, the task itself says how. So it does no harm when events come late or in
  // another order, as long as an older copy does not replace a newer one.
  async function refresh({ eventType, taskId }: TaskEvent): Promise<void> {
    const task = await fetchTask(automationUrl, taskId)
    if (task.version >= (tasks.get(taskId)?.version ?? 0)) tasks.set(taskId, task)
    console.log(`${eventType} ${taskId} ${task.state}`)
  }

  const handle = handleEvents({
    OrderSigned: async (event) => {
      await refresh(event)
      // The place for what follows a signature: file the document, start the work.
    },
    default: refresh,
  })

  // A sender with a key posts to /automation/?key=…, with a slash that Fastify does not overlook by itself.
  const app = Fastify({ logger: { level: 'warn' }, routerOptions: { ignoreTrailingSlash: true } })

  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret, key, replayProtection: 'required', dedupe: memoryDedupe() })
    scope.post('/automation', async (request, reply) => {
      await handle(request.webhook)
      return reply.code(204).send()
    })
  })

  app.get('/tasks', async () => [...tasks.values()])

  app.setErrorHandler((error, request, reply) => {
    if (!WebhookError.isInstance(error)) throw error
    if (error.status >= 500) request.log.error(error)
    return reply
      .code(error.status)
      .headers(error.headers)
      .type('application/problem+json')
      .send(error.toProblem())
  })
  return app
}
