import { beforeEach, describe, expect, it } from 'vitest'
import { openTaskStore, type TaskStore } from './task-store.ts'

const fields = { description: 'Sign the lease', dueDate: null, signers: [], document: null }

let tasks: TaskStore

beforeEach(() => {
  tasks = openTaskStore(':memory:')
  return () => tasks.close()
})

describe('transact', () => {
  it('lets the next one wait until the one before has ended', async () => {
    const { taskId } = await tasks.transact(async (transaction) => transaction.create(fields))
    const work = (description: string) =>
      tasks.transact(async (transaction) => {
        const task = transaction.find(taskId)
        await Promise.resolve()
        return task && transaction.update({ ...task, description })
      })
    expect(await Promise.all([work('first'), work('second')])).toMatchObject([
      { description: 'first', version: 2 },
      { description: 'second', version: 3 },
    ])
  })

  it('writes nothing when the work rejects, and goes on with the next one', async () => {
    const { taskId } = await tasks.transact(async (transaction) => transaction.create(fields))
    const failing = tasks.transact(async (transaction) => {
      const task = transaction.find(taskId)
      if (task) transaction.update({ ...task, description: 'lost' })
      throw new Error('no')
    })
    const next = tasks.transact(async (transaction) => transaction.find(taskId))
    await expect(failing).rejects.toThrow('no')
    expect(await next).toMatchObject({ description: 'Sign the lease', version: 1 })
  })
})

describe('find', () => {
  it('sees no task before it is committed', async () => {
    let taskId = ''
    const failing = tasks.transact(async (transaction) => {
      ;({ taskId } = transaction.create(fields))
      await Promise.resolve()
      throw new Error('no')
    })
    await Promise.resolve()
    expect(taskId).not.toBe('')
    const found = tasks.find(taskId)
    await expect(failing).rejects.toThrow('no')
    expect(await found).toBeUndefined()
  })
})
