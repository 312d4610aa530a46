import type { Sender } from '@taskhook/sender'
import type { FastifyPluginAsync } from 'fastify'
import { ProblemError } from './problem.ts'
import { eventTypeOf, stateAfter, taskActions, type TaskChange } from './task-change.ts'
import type { TaskStore } from './task-store.ts'
import { newTaskSchema, taskPatchSchema, type Task, type TaskFields } from './task.ts'

/** What the API of tasks works on. */
export interface TaskRoutesOptions {
  tasks: TaskStore
  sender: Pick<Sender, 'send'>
}

interface TaskRoute {
  Params: { taskId: string }
}

/** The API of tasks. A change and its event are committed together, and then the change is answered. */
export const taskRoutes: FastifyPluginAsync<TaskRoutesOptions> = async (app, { tasks, sender }) => {
  function change(taskId: string, name: TaskChange, patch?: Partial<TaskFields>): Promise<Task> {
    return tasks.transact(async (transaction) => {
      const task = await transaction.find(taskId)
      if (task === undefined) throw notFound(taskId)
      const state = stateAfter(name, task.state)
      if (state === undefined)
        throw new ProblemError(409, `${name} is not possible: the task is ${task.state}`)
      const changed = await transaction.update({ ...task, ...patch, state })
      await sender.send({ taskId, eventType: eventTypeOf(name) }, { transaction: transaction.connection })
      return changed
    })
  }

  app.post('/api/v2/tasks', async (request, reply) => {
    const fields = newTaskSchema.parse(request.body)
    const task = await tasks.transact(async (transaction) => {
      const created = await transaction.create(fields)
      await sender.send(
        { taskId: created.taskId, eventType: 'OrderCreated' },
        { transaction: transaction.connection },
      )
      return created
    })
    return reply.code(201).header('location', `/api/v2/tasks/${task.taskId}`).send(task)
  })

  app.get<TaskRoute>('/api/v2/tasks/:taskId', async ({ params: { taskId } }) => {
    const task = await tasks.find(taskId)
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
}

function notFound(taskId: string): ProblemError {
  return new ProblemError(404, `there is no task ${taskId}`)
}
