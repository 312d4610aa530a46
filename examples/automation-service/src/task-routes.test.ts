import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSender, type Sender } from '@taskhook/sender'
import Fastify, { type FastifyInstance } from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import { answerProblem } from './problem.ts'
import { taskRoutes } from './task-routes.ts'
import { openTaskStore } from './task-store.ts'
import type { Task } from './task.ts'

const fields = {
  description: 'Sign the lease',
  dueDate: '2027-01-31',
  signers: [
    { name: 'Ada Lovelace', email: 'ada@example.org' },
    { name: 'Charles Babbage', email: 'charles@example.org' },
  ],
  document: { name: 'lease.pdf', url: 'https://www.example.org/lease.pdf' },
}

let app: FastifyInstance
let sender: Sender

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-automation-'))
  const database = `sqlite:${join(folder, 'automation.db')}`
  // Never started, so whatever it accepts stays to be looked at.
  sender = await createSender({
    webHook: { enabled: true, endpoint: 'http://127.0.0.1:9/automation' },
    outbox: database,
  })
  const tasks = await openTaskStore(database)
  app = Fastify()
  app.setErrorHandler(answerProblem)
  await app.register(taskRoutes, { tasks, sender })
  return async () => {
    await app.close()
    await tasks.close()
    await sender.stop()
    await rm(folder, { recursive: true })
  }
})

/** The events that were accepted, first one first. */
async function events(): Promise<{ taskId: string; eventType: string }[]> {
  const { deliveries } = await sender.deliveries.list()
  return deliveries.map(({ taskId, eventType }) => ({ taskId, eventType })).toReversed()
}

async function create(body: object = fields): Promise<Task> {
  const response = await app.inject({ method: 'POST', url: '/api/v2/tasks', body })
  expect(response.statusCode).toBe(201)
  return response.json<Task>()
}

describe('POST /api/v2/tasks', () => {
  it('creates a task, says where it is, and raises OrderCreated', async () => {
    const response = await app.inject({ method: 'POST', url: '/api/v2/tasks', body: fields })
    const task = response.json<Task>()
    expect(task).toMatchObject({ ...fields, state: 'created', version: 1 })
    expect(await events()).toEqual([{ taskId: task.taskId, eventType: 'OrderCreated' }])

    const read = await app.inject({ url: response.headers.location as string })
    expect(read.json()).toEqual(task)
  })

  it('needs a description only', async () => {
    expect(await create({ description: 'Sign' })).toMatchObject({
      dueDate: null,
      signers: [],
      document: null,
    })
  })

  it.each([
    ['no body', undefined],
    ['no description', {}],
    ['an unknown field', { ...fields, state: 'signed' }],
    ['a due date that is no day', { ...fields, dueDate: '2027-02-30' }],
    ['a signer without an address', { ...fields, signers: [{ name: 'Ada' }] }],
  ])('refuses %s with 400 and raises nothing', async (_name, body) => {
    const response = await app.inject({ method: 'POST', url: '/api/v2/tasks', ...(body && { body }) })
    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(await events()).toEqual([])
  })
})

describe('PATCH /api/v2/tasks/:taskId', () => {
  it.each([
    ['OrderDescriptionUpdated', { description: 'Sign it today' }],
    ['OrderDueDateUpdated', { dueDate: null }],
    ['OrderSignersUpdated', { signers: [{ name: 'Grace Hopper', email: 'grace@example.org' }] }],
    ['OrderDocumentUpdated', { document: { name: 'lease-2.pdf', url: 'https://www.example.org/2.pdf' } }],
  ])('raises %s for its field, and leaves the others', async (eventType, body) => {
    const { taskId } = await create()
    const response = await app.inject({ method: 'PATCH', url: `/api/v2/tasks/${taskId}`, body })
    expect(response.json()).toMatchObject({ ...fields, ...body, version: 2 })
    expect((await events()).at(-1)).toEqual({ taskId, eventType })

    const read = await app.inject({ url: `/api/v2/tasks/${taskId}` })
    expect(read.json()).toEqual(response.json())
  })

  it.each([
    ['none', {}],
    ['two', { description: 'Sign it today', dueDate: null }],
    ['another', { state: 'signed' }],
  ])('refuses a body with %s of the fields with 400', async (_name, body) => {
    const { taskId } = await create()
    const response = await app.inject({ method: 'PATCH', url: `/api/v2/tasks/${taskId}`, body })
    expect(response.statusCode).toBe(400)
    expect(await events()).toHaveLength(1)
  })
})

describe('POST /api/v2/tasks/:taskId/:action', () => {
  it('moves the task and raises the event', async () => {
    const { taskId } = await create()
    const response = await app.inject({ method: 'POST', url: `/api/v2/tasks/${taskId}/accept` })
    expect(response.json()).toMatchObject({ taskId, state: 'accepted', version: 2 })
    expect((await events()).at(-1)).toEqual({ taskId, eventType: 'OrderAccepted' })
  })

  it('refuses a wrong transition with 409, says why, and changes nothing', async () => {
    const { taskId } = await create()
    const response = await app.inject({ method: 'POST', url: `/api/v2/tasks/${taskId}/sign` })
    expect(response.statusCode).toBe(409)
    expect(response.json()).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'sign is not possible: the task is created',
    })
    expect(await events()).toHaveLength(1)
    const read = await app.inject({ url: `/api/v2/tasks/${taskId}` })
    expect(read.json()).toMatchObject({ state: 'created', version: 1 })
  })

  it('does not know other actions', async () => {
    const { taskId } = await create()
    const response = await app.inject({ method: 'POST', url: `/api/v2/tasks/${taskId}/archive` })
    expect(response.statusCode).toBe(404)
  })
})

it.each([
  ['GET', ''],
  ['PATCH', ''],
  ['POST', '/accept'],
] as const)('answers 404 to %s of a task that is not there', async (method, action) => {
  const body = method === 'PATCH' ? { description: 'Sign' } : undefined
  const response = await app.inject({ method, url: `/api/v2/tasks/none${action}`, ...(body && { body }) })
  expect(response.statusCode).toBe(404)
  expect(response.json()).toMatchObject({ status: 404, detail: 'there is no task none' })
})

describe('a change and its event', () => {
  it('are both kept, or neither: with no outbox to write to, the task stays as it was', async () => {
    const { taskId } = await create()
    await sender.stop()
    const created = await app.inject({ method: 'POST', url: '/api/v2/tasks', body: fields })
    const accepted = await app.inject({ method: 'POST', url: `/api/v2/tasks/${taskId}/accept` })
    expect([created, accepted].map((response) => response.json())).toEqual([
      { type: 'about:blank', title: 'Internal Server Error', status: 500 },
      { type: 'about:blank', title: 'Internal Server Error', status: 500 },
    ])
    const read = await app.inject({ url: `/api/v2/tasks/${taskId}` })
    expect(read.json()).toMatchObject({ state: 'created', version: 1 })
  })
})
