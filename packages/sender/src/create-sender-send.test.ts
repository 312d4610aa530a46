import { describe, expect, test } from 'vitest'
import { startReceiver, type ReceivedRequest } from './testing/receiver.ts'
import { afterAttempts, event, openSender, section, startSender } from './testing/sender.ts'

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
    const sender = await startSender(section(url, { id: 'one', secret: 'a secret' }))
    const { deliveries } = await sender.send(event)
    expect(await afterAttempts(sender, deliveries[0]!.id)).toMatchObject({
      state: 'delivered',
      attemptCount: 1,
    })
    expect(idsOf(requests)).toEqual(deliveries.map(({ id }) => id))
    expect(deliveries).toEqual([{ id: deliveries[0]?.id, endpointId: 'one', isRepeat: false }])
    expect(requests[0]?.request.headers).toHaveProperty('x-signature')
    expect(eventsOf(requests)).toEqual(['07c6ad8c OrderSigned'])
  })

  test('takes events before start, and they flow then', async () => {
    const { url, requests } = await startReceiver()
    const sender = await openSender(section(url))
    const { deliveries } = await sender.send(event)
    expect(await sender.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'pending', attempts: [] })
    expect(requests).toEqual([])
    await sender.start()
    expect(await afterAttempts(sender, deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
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
    for (const { id } of [...signed.deliveries, ...expired.deliveries]) await afterAttempts(sender, id)
    expect(idsOf(all.requests)).toEqual([signed.deliveries[0]?.id, expired.deliveries[0]?.id])
    expect(idsOf(some.requests)).toEqual([expired.deliveries[1]?.id])
    expect(signed.deliveries).toHaveLength(1)
  })

  test('of an event that no endpoint takes resolves to no deliveries', async () => {
    const sender = await startSender(section('http://127.0.0.1:1/', { events: ['OrderExpired'] }))
    expect(await sender.send(event)).toEqual({ deliveries: [] })
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
    for (const nothing of [undefined, null, 'OrderSigned'] as never[]) {
      await expect(sender.send(nothing)).rejects.toMatchObject({ code: 'option_invalid', option: 'event' })
    }
    for (const idempotencyKey of ['', 'a'.repeat(256), 1 as never, 'a\uD800', 'a\0']) {
      await expect(sender.send(event, { idempotencyKey })).rejects.toMatchObject({ option: 'idempotencyKey' })
    }
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test('refuses an option that is not known, and stores nothing', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    for (const [options, nearest] of [
      [{ idempotencykey: 'change 1' }, 'idempotencyKey'],
      [{ transcation: {} }, 'transaction'],
    ]) {
      const [option] = Object.keys(options as object)
      await expect(sender.send(event, options as object)).rejects.toMatchObject({
        code: 'option_invalid',
        option,
        message: expect.stringContaining(`"${nearest as string}"`) as string,
      })
    }
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test.each(['idempotencyKey', 'transaction'])(
    'refuses %s within the event, where it has no effect',
    async (option) => {
      const sender = await openSender(section('http://127.0.0.1:1/'))
      const misplaced = { ...event, [option]: 'change 1' }
      await expect(sender.send(misplaced)).rejects.toMatchObject({ code: 'option_invalid', option })
      expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
    },
  )

  test('accepts an idempotency key once for each endpoint, and resolves to the first ids again', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender([section(url, { id: 'one' }), section(url, { id: 'other' })])
    const [first, again] = await Promise.all([
      sender.send(event, { idempotencyKey: 'change 1' }),
      sender.send(event, { idempotencyKey: 'change 1' }),
    ])
    const repeated = { deliveries: first.deliveries.map((one) => ({ ...one, isRepeat: true })) }
    expect(again).toEqual(repeated)
    for (const { id } of first.deliveries) await afterAttempts(sender, id)
    expect(await sender.send({ ...event, taskId: 'other' }, { idempotencyKey: 'change 1' })).toEqual(repeated)
    expect(requests).toHaveLength(2)
    const other = await sender.send(event, { idempotencyKey: 'change 2' })
    expect(other.deliveries.map(({ isRepeat }) => isRepeat)).toEqual([false, false])
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
    for (const { deliveries } of sent) await afterAttempts(sender, deliveries[0]!.id)
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
    for (const { deliveries } of sent) {
      expect(await afterAttempts(sender, deliveries[1]!.id)).toMatchObject({ state: 'delivered' })
    }
    expect(dead.requests).toHaveLength(1)
  })
})
