import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { openTaskStore, type TaskStore } from './task-store.ts'

const fields = { description: 'Sign the lease', dueDate: '2027-01-31', signers: [], document: null }

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  return () => server.remove()
})

describe.each([
  ['SQLite', () => 'sqlite::memory:'],
  ['PostgreSQL', () => server.url],
])('on %s', (_name, databaseOf) => {
  let tasks: TaskStore

  beforeEach(async () => {
    tasks = await openTaskStore(databaseOf())
    return () => tasks.close()
  })

  const create = () => tasks.transact((transaction) => transaction.create(fields))

  it('has a task as it was created', async () => {
    const task = await create()
    expect(task).toMatchObject({ ...fields, state: 'created', version: 1 })
    expect(await tasks.find(task.taskId)).toEqual(task)
    expect(await tasks.find('unknown')).toBeUndefined()
  })

  it('lets the next transaction on a task wait until the one before has ended', async () => {
    const { taskId } = await create()
    const work = (description: string) =>
      tasks.transact(async (transaction) => {
        const task = await transaction.find(taskId)
        return task && transaction.update({ ...task, description })
      })
    const versions = (await Promise.all([work('first'), work('second')])).map((task) => task?.version)
    expect(new Set(versions)).toEqual(new Set([2, 3]))
  })

  it('writes nothing when the work rejects, and goes on with the next one', async () => {
    const { taskId } = await create()
    const failing = tasks.transact(async (transaction) => {
      const task = await transaction.find(taskId)
      if (task) await transaction.update({ ...task, description: 'lost' })
      throw new Error('no')
    })
    const next = tasks.transact((transaction) => transaction.find(taskId))
    await expect(failing).rejects.toThrow('no')
    expect(await next).toMatchObject({ description: 'Sign the lease', version: 1 })
  })

  it('shows no task before it is committed', async () => {
    const created = Promise.withResolvers<string>()
    const failing = tasks.transact(async (transaction) => {
      created.resolve((await transaction.create(fields)).taskId)
      await Promise.resolve()
      throw new Error('no')
    })
    const found = tasks.find(await created.promise)
    await expect(failing).rejects.toThrow('no')
    expect(await found).toBeUndefined()
  })
})
