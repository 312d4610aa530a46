import { handleEvents, memoryDedupe, WebhookError, type TaskEvent } from '@taskhook/core'
import { verifyWebhook } from '@taskhook/express'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { fetchTask, type Task } from './fetch-task.ts'

/** What the receiver has to be told. */
export interface AppOptions {
  secret: string
  key: string
  automationUrl: string
}

/** Makes the application: `POST /automation` takes the webhooks, `GET /tasks` shows what is known of the tasks. */
export function createApp({ secret, key, automationUrl }: AppOptions): Express {
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

  const app = express()

  app.post(
    '/automation',
    verifyWebhook({ secret, key, replayProtection: 'required', dedupe: memoryDedupe() }),
    async (request, response) => {
      await handle(request.webhook)
      response.sendStatus(204)
    },
  )

  app.get('/tasks', (_request, response) => {
    response.json([...tasks.values()])
  })

  app.use(answerRefusal)
  return app
}

const answerRefusal: ErrorRequestHandler = (error, _request, response, next) => {
  if (!WebhookError.isInstance(error)) return next(error)
  if (error.status >= 500) console.error(error)
  response.status(error.status).set(error.headers).type('application/problem+json').send(error.toProblem())
}
