import Fastify, { type FastifyInstance } from 'fastify'
import { ProblemError, answerProblem } from './problem.ts'
import type { Publisher } from './publisher.ts'
import { eventTypeOf, stateAfter, taskActions, type TaskChange } from './task-change.ts'
import type { TaskStore } from './task-store.ts'
import { newTaskSchema, taskPatchSchema, type Task, type TaskFields } from './task.ts'

/** What the API works on. */
export interface AppContext {
  tasks: TaskStore
  publisher: Pick<Publisher, 'publish'>
}

interface TaskRoute {
  Params: { taskId: string }
}

/** Makes the REST API. Each change is committed, then published, then answered; the answer waits for no delivery. */
export function createApp({ tasks, publisher }: AppContext): FastifyInstance {
  const app = Fastify()
  app.setErrorHandler(answerProblem)

  function change(taskId: string, name: TaskChange, patch?: Partial<TaskFields>): Task {
    const changed = tasks.update(taskId, (task) => {
      const state = stateAfter(name, task.state)
      if (state === undefined)
        throw new ProblemError(409, `${name} is not possible: the task is ${task.state}`)
      return { ...task, ...patch, state }
    })
    if (changed === undefined) throw notFound(taskId)
    publisher.publish({ taskId, eventType: eventTypeOf(name) })
    return changed
  }

  app.post('/api/v2/tasks', async (request, reply) => {
    const task = tasks.create(newTaskSchema.parse(request.body))
    publisher.publish({ taskId: task.taskId, eventType: 'OrderCreated' })
    return reply.code(201).header('location', `/api/v2/tasks/${task.taskId}`).send(task)
  })

  app.get<TaskRoute>('/api/v2/tasks/:taskId', async ({ params: { taskId } }) => {
    const task = tasks.find(taskId)
    if (task === undefined) throw notFound(taskId)
    return task
  })

  app.patch<TaskRoute>('/api/v2/tasks/:taskId', async ({ params: { taskId }, body }) => {
    const patch = taskPatchSchema.parse(body)
    const [field] = Object.keys(patch) as [keyof TaskFields]
    return change(taskId, field, patch)
  })

  for (const action of taskActions) {
    app.post<TaskRoute>(`/api/v2/tasks/:taskId/${action}`, async ({ params: { taskId } }) =>
      change(taskId, action),
    )
  }

  return app
}

function notFound(taskId: string): ProblemError {
  return new ProblemError(404, `there is no task ${taskId}`)
}
