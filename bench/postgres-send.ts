import { randomUUID } from 'node:crypto'
import { Logger, makeWorkerUtils } from 'graphile-worker'
import { Client } from 'pg'
import { PgBoss } from 'pg-boss'
import type { Bench, BenchOptions } from './bench.ts'
import { formatCount } from './format-count.ts'
import { openSender } from './open-sender.ts'
import { startPostgres } from './start-postgres.ts'
import { taskEvents, type TaskEvent } from './task-events.ts'

const aloneFloor = 'one row inserted'
const batchFloor = 'rows inserted in one transaction'

/**
 * Events a second that are accepted: one after another, many at once, and many in one transaction of the application. Against
 * plain inserts of rows as large, as durable, into a table with none of the indexes and rules; and beside it job queues.
 */
export async function postgresSend({ isSmall = false }: BenchOptions = {}): Promise<Bench> {
  const aloneCount = isSmall ? 10 : 500
  const batchCount = isSmall ? 50 : 1000
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startPostgres({ isSmall }))
  const url = await server.createDatabase()
  const client = stack.adopt(new Client(url), (opened) => opened.end())
  await client.connect()
  await client.query(`
    CREATE TABLE events (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text, endpoint_id text, ordering_key text, type text, payload text, accepted_at bigint
    )
  `)
  const sender = stack.use(await openSender({ outbox: url }))
  const boss = stack.adopt(new PgBoss({ connectionString: url, schedule: false }), (opened) =>
    opened.stop({ graceful: false }),
  )
  await boss.start()
  await boss.createQueue('deliveries', { policy: 'key_strict_fifo' })
  const worker = stack.adopt(
    await makeWorkerUtils({ connectionString: url, logger: new Logger(() => () => {}) }),
    (opened) => opened.release(),
  )
  await worker.migrate()

  async function insertRow({ taskId, eventType }: TaskEvent): Promise<void> {
    await client.query(
      'INSERT INTO events (id, endpoint_id, ordering_key, type, payload, accepted_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [
        randomUUID(),
        'receiver',
        taskId,
        eventType,
        JSON.stringify({ taskId, eventType, orderId: taskId }),
        Date.now(),
      ],
    )
  }

  async function inTransaction(send: (event: TaskEvent) => Promise<unknown>): Promise<void> {
    await client.query('BEGIN')
    for (const event of taskEvents(batchCount)) await send(event)
    await client.query('COMMIT')
  }

  const alone = (send: (event: TaskEvent) => Promise<unknown>) => (): Promise<number> =>
    perSecond(aloneCount, async () => {
      for (const event of taskEvents(aloneCount)) await send(event)
    })
  const batch = (work: () => Promise<unknown>) => (): Promise<number> => perSecond(batchCount, work)
  const atOnce = `${formatCount(batchCount)} at once`

  const started = stack.move()
  return {
    title: 'postgres-send',
    unit: 'req/s',
    rounds: 10,
    candidates: [
      { name: aloneFloor, measure: alone(insertRow) },
      { name: 'send, one after another', floor: aloneFloor, measure: alone((event) => sender.send(event)) },
      {
        name: 'pg-boss, send, one after another',
        floor: aloneFloor,
        measure: alone((event) => {
          const { data, ...options } = toBossJob(event)
          return boss.send('deliveries', data, options)
        }),
      },
      {
        name: 'graphile-worker, addJob, one after another',
        floor: aloneFloor,
        measure: alone((event) => {
          const { identifier, payload, ...spec } = toWorkerJob(event)
          return worker.addJob(identifier, payload, spec)
        }),
      },
      {
        name: `send, ${atOnce}`,
        floor: aloneFloor,
        measure: batch(() => Promise.all(taskEvents(batchCount).map((event) => sender.send(event)))),
      },
      { name: batchFloor, measure: batch(() => inTransaction(insertRow)) },
      {
        name: 'send, in one transaction',
        floor: batchFloor,
        measure: batch(() => inTransaction((event) => sender.send(event, { transaction: client }))),
      },
      {
        name: `pg-boss, insert of ${formatCount(batchCount)}`,
        floor: batchFloor,
        measure: batch(() => boss.insert('deliveries', taskEvents(batchCount).map(toBossJob))),
      },
      {
        name: `graphile-worker, addJobs of ${formatCount(batchCount)}`,
        floor: batchFloor,
        measure: batch(() => worker.addJobs(taskEvents(batchCount).map(toWorkerJob))),
      },
    ],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

function toBossJob(event: TaskEvent) {
  return { data: event, singletonKey: event.taskId }
}

function toWorkerJob(event: TaskEvent) {
  return { identifier: 'deliver', payload: event, queueName: event.taskId }
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (count * 1000) / (performance.now() - startedAt)
}
