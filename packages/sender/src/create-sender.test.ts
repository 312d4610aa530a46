import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { sqliteLedger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSender } from './create-sender.ts'
import { startReceiver, type ReceivedRequest } from './testing-receiver.ts'
import {
  afterAttempts,
  event,
  nextMessage,
  openSender,
  outboxFile,
  section,
  startSender,
} from './testing-sender.ts'

function eventsOf(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ body }) => {
    const { taskId, eventType } = JSON.parse(body.toString()) as { taskId: string; eventType: string }
    return `${taskId} ${eventType}`
  })
}

const idsOf = (requests: readonly ReceivedRequest[]) =>
  requests.map(({ request }) => request.headers['webhook-id'])

describe('send', () => {
  test('has the event delivered, signed, under the id that it resolves to', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url, { secret: 'a secret' }))
    const { deliveryIds } = await sender.send(event)
    expect(await afterAttempts(sender, deliveryIds[0]!)).toMatchObject({
      state: 'delivered',
      attemptCount: 1,
    })
    expect(idsOf(requests)).toEqual(deliveryIds)
    expect(requests[0]?.request.headers).toHaveProperty('x-signature')
    expect(eventsOf(requests)).toEqual(['07c6ad8c OrderSigned'])
  })

  test('takes events before start, and they flow then', async () => {
    const { url, requests } = await startReceiver()
    const sender = await openSender(section(url))
    const { deliveryIds } = await sender.send(event)
    expect(await sender.deliveries.get(deliveryIds[0]!)).toMatchObject({ state: 'pending', attempts: [] })
    expect(requests).toEqual([])
    await sender.start()
    expect(await afterAttempts(sender, deliveryIds[0]!)).toMatchObject({ state: 'delivered' })
  })

  test('goes to every endpoint that subscribes to the event, with an id for each', async () => {
    const all = await startReceiver()
    const some = await startReceiver()
    const sender = await startSender([
      section(all.url, { id: 'all' }),
      section(some.url, { id: 'some', events: ['OrderExpired'] }),
      { enabled: false, endpoint: 'http://127.0.0.1:1/' },
    ])
    const signed = await sender.send(event)
    const expired = await sender.send({ ...event, eventType: 'OrderExpired' })
    for (const id of [...signed.deliveryIds, ...expired.deliveryIds]) await afterAttempts(sender, id)
    expect(idsOf(all.requests)).toEqual([signed.deliveryIds[0], expired.deliveryIds[0]])
    expect(idsOf(some.requests)).toEqual([expired.deliveryIds[1]])
    expect(signed.deliveryIds).toHaveLength(1)
  })

  test('of an event that no endpoint takes resolves to no deliveries', async () => {
    const sender = await startSender(section('http://127.0.0.1:1/', { events: ['OrderExpired'] }))
    expect(await sender.send(event)).toEqual({ deliveryIds: [] })
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test('refuses what is no event and no idempotency key, and stores nothing', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    for (const taskId of ['', 'a\uD800', 'a\0']) {
      await expect(sender.send({ ...event, taskId })).rejects.toMatchObject({ option: 'taskId' })
    }
    await expect(sender.send({ ...event, eventType: 'OrderEaten' as never })).rejects.toMatchObject({
      option: 'eventType',
    })
    for (const idempotencyKey of ['', 'a'.repeat(256), 1 as never, 'a\uD800', 'a\0']) {
      await expect(sender.send(event, { idempotencyKey })).rejects.toMatchObject({ option: 'idempotencyKey' })
    }
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test('accepts an idempotency key once for each endpoint, and resolves to the first ids again', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender([section(url, { id: 'one' }), section(url, { id: 'other' })])
    const [first, again] = await Promise.all([
      sender.send(event, { idempotencyKey: 'change 1' }),
      sender.send(event, { idempotencyKey: 'change 1' }),
    ])
    expect(again).toEqual(first)
    for (const id of first.deliveryIds) await afterAttempts(sender, id)
    expect(await sender.send({ ...event, taskId: 'other' }, { idempotencyKey: 'change 1' })).toEqual(first)
    expect(requests).toHaveLength(2)
    expect((await sender.send(event, { idempotencyKey: 'change 2' })).deliveryIds).not.toEqual(
      first.deliveryIds,
    )
  })

  test('keeps the order of a task across a retry, and lets other tasks pass', async () => {
    let failures = 2
    const { url, requests } = await startReceiver((_request, response) => {
      const { body } = requests.at(-1)!
      const isFirst = body.includes('OrderCreated') && body.includes('slow')
      response.writeHead(isFirst && failures-- > 0 ? 500 : 200).end()
    })
    const sender = await startSender(section(url, { retrySchedule: ['PT0S', 'PT0.1S', 'PT0.1S'] }))
    const sent = await Promise.all(
      [
        ['slow', 'OrderCreated'],
        ['slow', 'OrderSigned'],
        ['slow', 'OrderExpired'],
        ['quick', 'OrderCreated'],
      ].map(([taskId, eventType]) => sender.send({ taskId, eventType } as typeof event)),
    )
    for (const { deliveryIds } of sent) await afterAttempts(sender, deliveryIds[0]!)
    const received = eventsOf(requests)
    expect(received.filter((one) => one.startsWith('slow'))).toEqual([
      ...Array.from({ length: 3 }, () => 'slow OrderCreated'),
      'slow OrderSigned',
      'slow OrderExpired',
    ])
    expect(received.indexOf('quick OrderCreated')).toBeLessThan(3)
  })

  test('to an endpoint that never answers takes nothing from another one', async () => {
    const dead = await startReceiver(() => {})
    const well = await startReceiver()
    const sender = await startSender([
      section(dead.url, { id: 'dead', maxConcurrency: 1 }),
      section(well.url, { id: 'well' }),
    ])
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, index) => sender.send({ ...event, taskId: `task-${index}` })),
    )
    for (const { deliveryIds } of sent) {
      expect(await afterAttempts(sender, deliveryIds[1]!)).toMatchObject({ state: 'delivered' })
    }
    expect(dead.requests).toHaveLength(1)
  })
})

async function openBoth() {
  const { url } = await startReceiver()
  const file = await outboxFile()
  const sender = await startSender(section(url), { outbox: `sqlite:${file}` })
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  database.exec('PRAGMA synchronous = FULL; CREATE TABLE tasks (id TEXT)')
  return { sender, database }
}

describe('send within a transaction', () => {
  test('is delivered once that commits', async () => {
    const { sender, database } = await openBoth()
    database.exec("BEGIN; INSERT INTO tasks VALUES ('1')")
    const { deliveryIds } = await sender.send(event, { transaction: database })
    expect(await sender.deliveries.get(deliveryIds[0]!)).toBeUndefined()
    const attempted = nextMessage('attempted')
    database.exec('COMMIT')
    await attempted
    expect(await sender.deliveries.get(deliveryIds[0]!)).toMatchObject({ state: 'delivered' })
  })

  test('needs no waiting: what commits in the same turn has the event in it', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN')
    const sending = sender.send(event, { transaction: database })
    database.exec('COMMIT')
    const { deliveryIds } = await sending
    expect(await sender.deliveries.get(deliveryIds[0]!)).toBeDefined()
  })

  test('is undone with it', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN')
    await sender.send(event, { transaction: database })
    database.exec('ROLLBACK')
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test('does not stop other events from being accepted once it has ended', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN IMMEDIATE')
    const waiting = sender.send(event)
    await sender.send(event, { transaction: database })
    database.exec('COMMIT')
    expect((await waiting).deliveryIds).toHaveLength(1)
    expect((await sender.deliveries.list()).deliveries).toHaveLength(2)
  })

  test('is refused without a transaction, on another database, and on what is no connection', async () => {
    const { sender, database } = await openBoth()
    const other = new DatabaseSync(':memory:')
    onTestFinished(() => other.close())
    other.exec('BEGIN')
    for (const transaction of [database, other, {}]) {
      await expect(sender.send(event, { transaction })).rejects.toMatchObject({ code: 'transaction_invalid' })
    }
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })
})

describe('a sender with nothing enabled', () => {
  test('takes events, delivers none, and makes no file', async () => {
    const file = await outboxFile()
    await using sender = await createSender({ webHook: { enabled: false }, outbox: `sqlite:${file}` })
    await sender.start()
    expect(await sender.send(event)).toEqual({ deliveryIds: [] })
    await expect(sender.send({ ...event, taskId: '' })).rejects.toMatchObject({ option: 'taskId' })
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
    expect(await sender.deliveries.get('id')).toBeUndefined()
    expect(await sender.deliveries.resend('id')).toBe(false)
    expect(await sender.deliveries.resendAll({}, { perSecond: 1 })).toEqual({ resent: 0 })
    expect(await sender.deliveries.cancel('id')).toBe(false)
    expect(await sender.endpoints.list()).toEqual([])
    await expect(sender.endpoints.pause('id')).rejects.toMatchObject({ option: 'id' })
    await expect(sender.endpoints.resume('id')).rejects.toMatchObject({ option: 'id' })
    await sender.stop()
    expect(existsSync(file)).toBe(false)
  })
})

describe('createSender', () => {
  test.each([
    ['retention', { retention: '30 days' }],
    ['retention', { retention: 'PT0S' }],
    ['leaseInMs', { leaseInMs: 0 }],
    ['leaseInMs', { leaseInMs: 0.5 }],
    ['now', { now: 0 as never }],
    ['logger', { logger: { info: () => {} } as never }],
  ])('refuses %s %j, and makes no file', async (option, options) => {
    const file = await outboxFile()
    const creating = createSender({
      webHook: section('http://a.example'),
      outbox: `sqlite:${file}`,
      ...options,
    })
    await expect(creating).rejects.toMatchObject({ code: 'option_invalid', option })
    expect(existsSync(file)).toBe(false)
  })

  test.each(['outbox.db', 'sqlite:', 'mysql://localhost/outbox', '', null, 5, {}])(
    'refuses the outbox %j',
    async (outbox) => {
      const creating = createSender({ webHook: section('http://a.example'), outbox: outbox as string })
      await expect(creating).rejects.toMatchObject({ code: 'option_invalid', option: 'outbox' })
    },
  )

  test('makes no file when one of several sections is wrong', async () => {
    const file = await outboxFile()
    const webHook = [
      section('http://a.example'),
      section('https://b.example', { useSslTrustAll: false, sslKeyFile: `${file}.pem` }),
    ]
    const creating = createSender({ webHook, outbox: `sqlite:${file}` })
    await expect(creating).rejects.toMatchObject({ code: 'key_store_unreadable' })
    const invalid = createSender({ webHook: [webHook[0]!, webHook[0]!], outbox: `sqlite:${file}` })
    await expect(invalid).rejects.toMatchObject({ code: 'config_invalid' })
    expect(existsSync(file)).toBe(false)
  })

  test('rejects with the coded error of an outbox that cannot be opened', async () => {
    const file = await outboxFile()
    await writeFile(
      file,
      'no database, but more than the hundred bytes that the header of one has. '.repeat(10),
    )
    const webHook = section('http://a.example')
    await expect(createSender({ webHook, outbox: `sqlite:${file}` })).rejects.toMatchObject({
      code: 'ledger_corrupt',
    })
    await expect(createSender({ webHook, outbox: `sqlite:${file}/x/y` })).rejects.toMatchObject({
      code: 'ledger_unavailable',
    })
  })

  test('deletes deliveries once they have been delivered for longer than the retention', async () => {
    const { url } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const first = await startSender(section(url), { outbox })
    const { deliveryIds } = await first.send(event)
    await afterAttempts(first, deliveryIds[0]!)
    await first.stop()

    const keeping = await startSender(section(url), { outbox, retention: 'PT1H' })
    expect((await keeping.deliveries.list()).deliveries).toHaveLength(1)
    await keeping.stop()
    const forgetting = await startSender(section(url), { outbox, retention: 'PT0.001S' })
    await expect.poll(() => forgetting.deliveries.list()).toEqual({ deliveries: [] })
  })
})

/** A receiver that keeps its answers back. */
async function startHolding() {
  const held: ServerResponse[] = []
  const arrived = Promise.withResolvers<void>()
  const { url, requests } = await startReceiver((_request, response) => {
    held.push(response)
    arrived.resolve()
  })
  return {
    url,
    requests,
    arrived: arrived.promise,
    answer: () => held.forEach((response) => response.end()),
  }
}

describe('stop', () => {
  test('lets an attempt in flight finish, and writes down what came of it', async () => {
    const { url, arrived, answer } = await startHolding()
    const outbox = `sqlite:${await outboxFile()}`
    const sender = await startSender(section(url), { outbox })
    const { deliveryIds } = await sender.send(event)
    await arrived
    const stopping = sender.stop()
    answer()
    await stopping
    const after = await openSender(section(url), { outbox })
    expect(await after.deliveries.get(deliveryIds[0]!)).toMatchObject({ state: 'delivered' })
  })

  test('ends an attempt that takes longer than its timeout; it does not count, and is made again later', async () => {
    const { url, requests, arrived, answer } = await startHolding()
    const outbox = `sqlite:${await outboxFile()}`
    const sender = await startSender(section(url), { outbox })
    const { deliveryIds } = await sender.send(event)
    await arrived
    await sender.stop({ timeoutInMs: 1 })

    const after = await openSender(section(url), { outbox })
    expect(await after.deliveries.get(deliveryIds[0]!)).toMatchObject({
      state: 'pending',
      isInFlight: false,
      attempts: [],
    })
    await after.start()
    await expect.poll(() => requests.length).toBe(2)
    answer()
    expect(await afterAttempts(after, deliveryIds[0]!)).toMatchObject({ state: 'delivered' })
    expect(idsOf(requests)).toEqual([deliveryIds[0], deliveryIds[0]])
  })

  test('is the end: nothing is accepted after it, and it can be called again', async () => {
    const sender = await startSender(section('http://127.0.0.1:1/'))
    await Promise.all([sender.stop(), sender.stop()])
    await sender.stop()
    await expect(sender.send(event)).rejects.toMatchObject({ code: 'ledger_closed' })
    await expect(sender.deliveries.list()).rejects.toMatchObject({ code: 'ledger_closed' })
  })

  test('comes with the end of an await using block', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const { url } = await startReceiver()
    let ended: Awaited<ReturnType<typeof createSender>>
    {
      await using sender = await createSender({ webHook: section(url), outbox })
      await sender.start()
      await sender.send(event)
      ended = sender
    }
    await expect(ended.send(event)).rejects.toMatchObject({ code: 'ledger_closed' })
  })

  test("leaves the application's own ledger open", async () => {
    const { url } = await startReceiver()
    const ledger = sqliteLedger({ file: await outboxFile() })
    onTestFinished(() => ledger.close())
    const sender = await startSender(section(url), { outbox: ledger })
    const { deliveryIds } = await sender.send(event)
    await sender.stop()
    expect(await ledger.getDelivery(deliveryIds[0]!)).toBeDefined()
  })
})
