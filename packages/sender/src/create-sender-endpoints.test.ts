import { sqliteLedger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

describe('endpoints.list', () => {
  test('shows the configured ones, and those that still have something in the outbox', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const before = await openSender(section('http://127.0.0.1:1/', { id: 'removed' }), { outbox })
    await before.send(event)
    await before.stop()
    const sender = await openSender(section('http://127.0.0.1:1/', { id: 'kept' }), { outbox })
    expect(await sender.endpoints.list()).toMatchObject([
      { id: 'kept', isConfigured: true, pending: 0, circuit: { state: 'closed' } },
      { id: 'removed', isConfigured: false, pending: 1 },
    ])
  })

  test('shows how old the oldest pending one is, and when it last went well and badly', async () => {
    let time = Date.now() - 10_000
    let now = () => time
    let isWell = false
    const { url } = await startReceiver((_request, response) => response.writeHead(isWell ? 200 : 500).end())
    const sender = await openSender(section(url), { now: () => now() })
    const id = (await sender.send(event)).deliveries[0]!.id
    time += 5000
    await sender.send(event)
    const [waiting] = await sender.endpoints.list()
    expect(waiting).toMatchObject({ pending: 2, oldestPendingAgeInMs: 5000 })
    expect(waiting).not.toHaveProperty('lastSuccessAt')
    expect(waiting).not.toHaveProperty('lastFailureAt')

    now = Date.now
    await sender.start()
    await afterAttempts(sender, id, 1)
    expect(await sender.endpoints.list()).toMatchObject([{ lastFailureAt: expect.any(Date) as Date }])
    isWell = true
    await afterAttempts(sender, id)
    expect(await sender.endpoints.list()).toMatchObject([{ lastSuccessAt: expect.any(Date) as Date }])
  })

  test('shows the circuit open, and until when; resume closes it', async () => {
    const { url, requests } = await startReceiver()
    const ledger = sqliteLedger({ file: await outboxFile() })
    onTestFinished(() => ledger.close())
    await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 60_000, openings: 3 })
    const sender = await startSender(section(url, { id: 'one' }), { outbox: ledger })
    const { id } = (await sender.send(event)).deliveries[0]!
    expect(await sender.endpoints.list()).toMatchObject([
      {
        pending: 1,
        circuit: { state: 'open', since: expect.any(Date) as Date, until: expect.any(Date) as Date },
      },
    ])
    expect(await sender.deliveries.get(id)).toMatchObject({ state: 'pending', waitsFor: 'circuit' })
    expect(requests).toEqual([])
    await sender.endpoints.resume('one')
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
    expect(await sender.endpoints.list()).toMatchObject([{ circuit: { state: 'closed' } }])
  })
})

describe('endpoints.pause', () => {
  test('lets events be accepted and wait, until resume', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url, { id: 'one' }))
    await sender.endpoints.pause('one')
    const id = (await sender.send(event)).deliveries[0]!.id
    expect(await sender.endpoints.list()).toMatchObject([
      { pending: 1, paused: { reason: 'operator', since: expect.any(Date) as Date } },
    ])
    expect(requests).toEqual([])
    await sender.endpoints.resume('one')
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
    expect((await sender.endpoints.list())[0]).not.toHaveProperty('paused')
  })

  test('outlives the process', async () => {
    const { url, requests } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const first = await openSender(section(url, { id: 'one' }), { outbox })
    await first.endpoints.pause('one')
    const id = (await first.send(event)).deliveries[0]!.id
    await first.stop()
    const second = await startSender(section(url, { id: 'one' }), { outbox })
    expect(await second.endpoints.list()).toMatchObject([{ paused: { reason: 'operator' } }])
    expect(requests).toEqual([])
    await second.endpoints.resume('one')
    expect(await afterAttempts(second, id)).toMatchObject({ state: 'delivered' })
  })

  test('reaches a sender in another process on the same file', async () => {
    const { url } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const operator = await openSender(section(url, { id: 'one' }), { outbox })
    await operator.endpoints.pause('one')
    const sender = await startSender(section(url, { id: 'one' }), { outbox })
    const id = (await sender.send(event)).deliveries[0]!.id
    await operator.endpoints.resume('one')
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
  })

  test('and resume say whether the id is known', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/', { id: 'one' }))
    expect(await sender.endpoints.pause('other')).toBe(false)
    expect(await sender.endpoints.resume('other')).toBe(false)
    expect(await sender.endpoints.pause('one')).toBe(true)
    expect(await sender.endpoints.resume('one')).toBe(true)
  })
})

test('an endpoint that answers 410 is paused: its events wait, and flow once it is resumed', async () => {
  let isGone = true
  const { url, requests } = await startReceiver((_request, response) => {
    response.writeHead(isGone ? 410 : 200).end()
  })
  const sender = await startSender(section(url, { id: 'one', retrySchedule: ['PT0S'] }))
  const first = (await sender.send(event)).deliveries[0]!.id
  expect(await afterAttempts(sender, first, 1)).toMatchObject({
    state: 'pending',
    attempts: [{ outcome: 'gone', status: 410 }],
  })
  const second = (await sender.send({ ...event, taskId: 'other' })).deliveries[0]!.id
  expect(await sender.endpoints.list()).toMatchObject([{ pending: 2, paused: { reason: 'gone' } }])
  expect(requests).toHaveLength(1)
  isGone = false
  await sender.endpoints.resume('one')
  for (const id of [first, second])
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
})
