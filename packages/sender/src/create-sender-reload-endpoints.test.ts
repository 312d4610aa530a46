import { once } from 'node:events'
import { TaskhookError } from '@taskhook/core'
import { OutboxError, sqliteLedger, type Ledger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { recordLog } from '@taskhook/outbox/testing'
import { startHoldingReceiver, startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

describe('reload of which endpoints there are', () => {
  test('has an added one receive, and names those added, changed and removed', async () => {
    const receivers = await Promise.all([startReceiver(), startReceiver()])
    const [one, two] = receivers.map(({ url }, index) => section(url, { id: ['one', 'two'][index]! }))
    const sender = await startSender(one!)
    expect(await sender.reload([one!, two!])).toEqual({ changed: ['two'], restartRequired: [] })
    const { deliveries } = await sender.send(event)
    expect(deliveries.map(({ endpointId }) => endpointId)).toEqual(['one', 'two'])
    await sender.idle()
    expect(receivers.map(({ requests }) => requests.length)).toEqual([1, 1])
    const moved = section(receivers[1].url, { id: 'three' })
    expect(await sender.reload([{ ...one!, secret: 'new' }, moved])).toEqual({
      changed: ['one', 'three', 'two'],
      restartRequired: [],
    })
  })

  test('keeps what is pending of a removed one visible, and delivers it when it is added again', async () => {
    let isWell = false
    const { url } = await startReceiver()
    const failing = await startReceiver((_request, response) => response.writeHead(isWell ? 200 : 500).end())
    const retrySchedule = ['PT0S', ...Array.from({ length: 99 }, () => 'PT0.05S')]
    const kept = section(url, { id: 'kept' })
    const removed = section(failing.url, { id: 'removed', retrySchedule })
    const sender = await startSender([kept, removed])
    const { deliveries } = await sender.send(event)
    const { id } = deliveries.find(({ endpointId }) => endpointId === 'removed')!
    await afterAttempts(sender, id, 1)
    await sender.reload(kept)
    expect((await sender.send(event)).deliveries).toHaveLength(1)
    // Its partitions are handed over when the attempt under way, if there is one, has ended.
    await expect
      .poll(() => sender.deliveries.get(id))
      .toMatchObject({ state: 'pending', waitsFor: 'dispatcher' })
    const listed = await sender.endpoints.list()
    expect(listed.find((endpoint) => endpoint.id === 'removed')).toMatchObject({
      isConfigured: false,
      pending: 1,
    })
    isWell = true
    await sender.reload([kept, removed])
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
  })

  test('goes by the last of several that were asked at once, a bad one among them', async () => {
    const receivers = await Promise.all([startReceiver(), startReceiver(), startReceiver()])
    const [first, second, third] = receivers.map(({ url }) => section(url, { id: 'one' }))
    const sender = await startSender(first!)
    const reloads = await Promise.allSettled([
      sender.reload(second!),
      sender.reload(section('no URL', { id: 'one' })),
      sender.reload(third!),
      sender.reload(third!),
    ])
    expect(reloads).toMatchObject([
      { value: { changed: ['one'] } },
      { reason: { code: 'config_invalid' } },
      { value: { changed: ['one'] } },
      { value: { changed: [] } },
    ])
    await sender.send(event)
    await sender.idle()
    expect(receivers.map(({ requests }) => requests.length)).toEqual([0, 0, 1])
  })

  test('to nothing enabled is said, takes events for no endpoint, and can be undone', async () => {
    const { url, requests } = await startReceiver()
    const { logger, lines } = recordLog()
    const one = section(url, { id: 'one' })
    const sender = await startSender(one, { logger })
    expect(await sender.reload({ ...one, enabled: false })).toEqual({ changed: ['one'], restartRequired: [] })
    expect(lines).toMatchObject([
      { level: 'warn', message: expect.stringMatching(/^nothing enabled/) as string },
    ])
    expect(await sender.send(event)).toEqual({ deliveries: [] })
    await sender.reload(one)
    await sender.send(event)
    await sender.idle()
    expect(requests).toHaveLength(1)
  })

  test('before start is what start goes by', async () => {
    const [before, after] = [await startReceiver(), await startReceiver()]
    const sender = await openSender(section(before.url, { id: 'before' }))
    expect(await sender.reload(section(after.url, { id: 'after' }))).toMatchObject({
      changed: ['after', 'before'],
    })
    await sender.send(event)
    await sender.start()
    await sender.idle()
    expect([before.requests.length, after.requests.length]).toEqual([0, 1])
  })

  test('after stop is refused; one that stop overtakes leaves no connection open', async () => {
    const { url, requests, arrived, answer } = await startHoldingReceiver()
    const sender = await startSender(section(url, { id: 'one' }))
    await sender.send(event)
    await arrived
    const reloading = sender.reload(section(url, { id: 'one', secret: 'new' }))
    const closed = once(requests[0]!.request.socket, 'close')
    const stopping = sender.stop()
    answer()
    await Promise.all([reloading, stopping])
    await closed
    const refused = sender.reload(section(url)).catch((error: unknown) => error)
    expect(TaskhookError.isInstance(await refused)).toBe(true)
    expect(await refused).toMatchObject({ code: 'endpoint_closed' })
  })

  test.each([
    ['changed', { id: 'one', secret: 'new' }],
    ['removed', { id: 'two' }],
  ])('leaves no attempt behind at a %s endpoint that stop would wait for', async (_how, options) => {
    const { url, arrived } = await startHoldingReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const sender = await startSender(section(url, { id: 'one' }), { outbox })
    const { id } = (await sender.send(event)).deliveries[0]!
    await arrived
    await sender.reload(section(url, options))
    const startedAt = performance.now()
    await sender.stop({ timeoutInMs: 1 })
    // And not when its responseTimeout of 30 s is over.
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    const after = await openSender(section(url, { id: 'one' }), { outbox })
    expect(await after.deliveries.get(id)).toMatchObject({ state: 'pending', attempts: [] })
  })

  test('rejects when the outbox does not answer, and can be called again', async () => {
    const { url, requests } = await startReceiver()
    const ledger = sqliteLedger({ file: await outboxFile() })
    onTestFinished(() => ledger.close())
    let isAway = false
    const readEndpoints: Ledger['dispatch']['readEndpoints'] = async (...parameters) => {
      if (isAway) throw new OutboxError('ledger_unavailable', 'away')
      return ledger.dispatch.readEndpoints(...parameters)
    }
    const dispatch = Object.create(ledger.dispatch, { readEndpoints: { value: readEndpoints } }) as object
    const outbox = Object.create(ledger, { dispatch: { value: dispatch } }) as typeof ledger
    const sender = await startSender(section(url, { id: 'one' }), { outbox })
    isAway = true
    const next = section(url, { id: 'two' })
    await expect(sender.reload(next)).rejects.toMatchObject({ code: 'ledger_unavailable' })
    // This process goes by it already; what it sends waits until the other processes are told.
    expect((await sender.send(event)).deliveries).toMatchObject([{ endpointId: 'two' }])
    isAway = false
    await sender.reload(next)
    await sender.idle()
    expect(requests).toHaveLength(1)
  })
})
