import { describe, expect, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, nextMessage, openSender, section, startSender } from './testing/sender.ts'

async function sendFour() {
  let time = Date.parse('2026-11-24T10:00:00Z')
  const sender = await openSender(
    [section('http://127.0.0.1:1/', { id: 'one' }), section('http://127.0.0.1:1/', { id: 'other' })],
    { now: () => time },
  )
  const ids: string[] = []
  for (const [taskId, eventType] of [
    ['task-1', 'OrderCreated'],
    ['task-2', 'OrderCreated'],
    ['task-1', 'OrderSigned'],
    ['task-2', 'OrderExpired'],
  ] as const) {
    time += 1000
    ids.push((await sender.send({ taskId, eventType })).deliveries[0]!.id)
  }
  return { sender, ids }
}

describe('deliveries.list', () => {
  test('has the latest accepted first, with what is known of each', async () => {
    const { sender, ids } = await sendFour()
    const { deliveries } = await sender.deliveries.list({ endpointId: 'one' })
    expect(deliveries.map(({ id }) => id)).toEqual(ids.toReversed())
    expect(deliveries[3]).toEqual({
      id: ids[0],
      endpointId: 'one',
      taskId: 'task-1',
      eventType: 'OrderCreated',
      state: 'pending',
      acceptedAt: new Date('2026-11-24T10:00:01Z'),
      attemptCount: 0,
      // Nothing is started.
      waitsFor: 'dispatcher',
    })
    expect(deliveries[1]).toMatchObject({ waitsFor: 'turn' })
  })

  test.each([
    ['a task', { taskId: 'task-2' }, [3, 1]],
    ['an event type', { eventType: 'OrderCreated' }, [1, 0]],
    ['a state', { state: 'canceled' }, [2]],
    [
      'times',
      { acceptedFrom: new Date('2026-11-24T10:00:02Z'), acceptedBefore: new Date('2026-11-24T10:00:04Z') },
      [2, 1],
    ],
    ['several at once', { taskId: 'task-1', state: 'pending' }, [0]],
    ['what nothing matches', { taskId: 'task-3' }, []],
  ] as const)('filters by %s', async (_title, filter, expected) => {
    const { sender, ids } = await sendFour()
    await sender.deliveries.cancel(ids[2]!)
    const { deliveries } = await sender.deliveries.list({ ...filter, endpointId: 'one' })
    expect(deliveries.map(({ id }) => ids.indexOf(id))).toEqual(expected)
  })

  test('comes in pages, which neither repeat nor miss one when others are accepted meanwhile', async () => {
    const { sender, ids } = await sendFour()
    const first = await sender.deliveries.list({ endpointId: 'one', limit: 3 })
    await sender.send(event)
    const second = await sender.deliveries.list({ endpointId: 'one', limit: 3, cursor: first.nextCursor! })
    expect([...first.deliveries, ...second.deliveries].map(({ id }) => id)).toEqual(ids.toReversed())
    expect(second).not.toHaveProperty('nextCursor')
  })

  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 1001 }],
    ['limit', { limit: 1.5 }],
    ['state', { state: 'lost' as never }],
    ['acceptedFrom', { acceptedFrom: new Date('never') }],
    ['acceptedBefore', { acceptedBefore: '2026-11-24' as never }],
    ['task', { task: 'task-1' } as never],
    ['taskId', { taskId: 1 as never }],
    ['eventType', { eventType: 1 as never }],
    ['endpointId', { endpointId: 1 as never }],
  ])('refuses a %s that cannot work: %j', async (option, filter) => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    await expect(sender.deliveries.list(filter)).rejects.toMatchObject({ code: 'option_invalid', option })
  })

  test('refuses a cursor that is none', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    await expect(sender.deliveries.list({ cursor: '1; DROP TABLE' })).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })
})

describe('deliveries.get', () => {
  test('has every attempt: what was answered, and when the next one was to be made', async () => {
    let isWell = false
    const { url } = await startReceiver((_request, response) => {
      response
        .writeHead(isWell ? 204 : 500, { 'x-why': 'no disk' })
        .end(isWell ? undefined : 'try\u0000again')
      isWell = true
    })
    const sender = await startSender(section(url, { id: 'one' }))
    const { deliveries } = await sender.send(event, { idempotencyKey: 'change 1' })
    const details = await afterAttempts(sender, deliveries[0]!.id)
    expect(details).toMatchObject({
      id: deliveries[0]?.id,
      state: 'delivered',
      attemptCount: 2,
      idempotencyKey: 'change 1',
      settledAt: expect.any(Date) as Date,
      attempts: [
        {
          number: 1,
          outcome: 'retry',
          status: 500,
          startedAt: expect.any(Date) as Date,
          nextAttemptAt: expect.any(Date) as Date,
          response: { headers: { 'x-why': 'no disk' }, excerpt: 'try\u0000again', truncated: false },
        },
        { number: 2, outcome: 'delivered', status: 204 },
      ],
    })
    const [first, second] = details.attempts
    expect(second).not.toHaveProperty('nextAttemptAt')
    expect(second!.startedAt.getTime()).toBeGreaterThanOrEqual(first!.nextAttemptAt!.getTime())
  })

  test('is undefined for an id that is not known', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    expect(await sender.deliveries.get('nobody')).toBeUndefined()
  })
})

describe('deliveries.resend', () => {
  test('delivers once more under the same id, and keeps the attempts made before', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url))
    const id = (await sender.send(event)).deliveries[0]!.id
    await afterAttempts(sender, id)
    expect(await sender.deliveries.resend(id)).toBe(true)
    const details = await afterAttempts(sender, id)
    expect(details).toMatchObject({ state: 'delivered', attempts: [{ number: 1 }, { number: 2 }] })
    expect(requests.map(({ request }) => request.headers['webhook-id'])).toEqual([id, id])
  })

  test('attempts at once what waits for its retry', async () => {
    let isWell = false
    const { url } = await startReceiver((_request, response) => response.writeHead(isWell ? 200 : 500).end())
    const sender = await startSender(section(url, { retrySchedule: ['PT0S', 'P1D'] }))
    const id = (await sender.send(event)).deliveries[0]!.id
    await afterAttempts(sender, id, 1)
    isWell = true
    await sender.deliveries.resend(id)
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
  })

  test('is false for an id that is not known', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    expect(await sender.deliveries.resend('nobody')).toBe(false)
  })
})

describe('deliveries.resendAll', () => {
  test('resends the exhausted ones in the order accepted, at most so many a second', async () => {
    let isWell = false
    const { url, requests } = await startReceiver((_request, response) =>
      response.writeHead(isWell ? 200 : 500).end(),
    )
    const sender = await startSender(section(url, { retrySchedule: ['PT0S'], maxConcurrency: 1 }))
    const ids: string[] = []
    for (const eventType of ['OrderCreated', 'OrderAccepted', 'OrderSigned'] as const) {
      ids.push((await sender.send({ ...event, eventType })).deliveries[0]!.id)
    }
    for (const id of ids) expect(await afterAttempts(sender, id)).toMatchObject({ state: 'exhausted' })
    isWell = true
    const canceled = (await sender.send({ ...event, taskId: 'delivered' })).deliveries[0]!.id
    await afterAttempts(sender, canceled)
    requests.length = 0

    const startedAt = performance.now()
    expect(await sender.deliveries.resendAll({}, { perSecond: 20 })).toEqual({ resent: 3 })
    // The third one 100 ms after the first; timers may be a little early.
    expect(performance.now() - startedAt).toBeGreaterThan(95)
    for (const id of ids) expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
    expect(requests.map(({ request }) => request.headers['webhook-id'])).toEqual(ids)
  })

  test('heeds its filter, and takes one without a state for the exhausted', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    const ids = await Promise.all(
      ['task-1', 'task-2'].map(async (taskId) => (await sender.send({ ...event, taskId })).deliveries[0]!.id),
    )
    for (const id of ids) await sender.deliveries.cancel(id)
    const filter = { state: undefined } as object
    expect(await sender.deliveries.resendAll(filter, { perSecond: 1000 })).toEqual({ resent: 0 })
    const options = { perSecond: 1000 }
    expect(await sender.deliveries.resendAll({ state: 'canceled', taskId: 'task-2' }, options)).toEqual({
      resent: 1,
    })
    const { deliveries } = await sender.deliveries.list({ state: 'pending' })
    expect(deliveries.map(({ id }) => id)).toEqual([ids[1]])
  })

  test('refuses a filter that it does not know, rather than to resend whatever the others match', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    const { deliveries } = await sender.send(event)
    await sender.deliveries.cancel(deliveries[0]!.id)
    // A filter of `list`, which is wider.
    const filter = { state: 'canceled', limit: 1 } as const
    const resending = sender.deliveries.resendAll(filter, { perSecond: 1000 })
    await expect(resending).rejects.toMatchObject({ code: 'option_invalid', option: 'limit' })
    expect(await sender.deliveries.list({ state: 'pending' })).toEqual({ deliveries: [] })
  })

  test('refuses an option that is not known, and none at all', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    await expect(sender.deliveries.resendAll({}, { persecond: 1 } as never)).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'persecond',
    })
    await expect(sender.deliveries.resendAll({}, undefined as never)).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'perSecond',
    })
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5'])('refuses %j a second', async (perSecond) => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    const resending = sender.deliveries.resendAll({}, { perSecond: perSecond as number })
    await expect(resending).rejects.toMatchObject({ code: 'option_invalid', option: 'perSecond' })
  })
})

describe('deliveries.cancel', () => {
  test('gives a pending one up and lets the next of its task through', async () => {
    const { url, requests } = await startReceiver()
    const sender = await openSender(section(url))
    const [first, second] = (
      await Promise.all([sender.send({ ...event, eventType: 'OrderCreated' }), sender.send(event)])
    ).map(({ deliveries }) => deliveries[0]!.id)
    expect(await sender.deliveries.cancel(first!)).toBe(true)
    expect(await sender.deliveries.cancel(first!)).toBe(false)
    await sender.start()
    expect(await afterAttempts(sender, second!)).toMatchObject({ state: 'delivered' })
    expect(await sender.deliveries.get(first!)).toMatchObject({ state: 'canceled', attempts: [] })
    expect(requests).toHaveLength(1)
  })

  test('of one in flight: it is not attempted again, and is delivered after all if the receiver takes it', async () => {
    const answers: ((status: number) => void)[] = []
    const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { url } = await startReceiver((_request, response) => {
      answers.push((status) => void response.writeHead(status).end())
      arrived[answers.length - 1]!.resolve()
    })
    const sender = await startSender(section(url))
    for (const [index, status, state] of [
      [0, 500, 'canceled'],
      [1, 200, 'delivered'],
    ] as const) {
      const { id } = (await sender.send({ ...event, taskId: `task-${index}` })).deliveries[0]!
      await arrived[index]!.promise
      expect(await sender.deliveries.cancel(id)).toBe(true)
      expect(await sender.deliveries.get(id)).toMatchObject({ state: 'canceled', attempts: [] })
      const attempted = nextMessage('attempted')
      answers[index]!(status)
      await attempted
      expect(await sender.deliveries.get(id)).toMatchObject({ state, attempts: [{ status }] })
    }
    await sender.idle()
    expect(answers).toHaveLength(2)
  })

  test('is false for an id that is not known', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    expect(await sender.deliveries.cancel('nobody')).toBe(false)
  })
})
