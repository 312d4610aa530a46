import { sqliteLedger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSender } from './create-sender.ts'
import { startHoldingReceiver, startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

describe('stop', () => {
  test('lets an attempt in flight finish, and writes down what came of it', async () => {
    const { url, arrived, answer } = await startHoldingReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const sender = await startSender(section(url), { outbox })
    const { deliveries } = await sender.send(event)
    await arrived
    const stopping = sender.stop()
    answer()
    await stopping
    const after = await openSender(section(url), { outbox })
    expect(await after.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
  })

  test('ends an attempt that takes longer than its timeout; it does not count, and is made again later', async () => {
    const { url, requests, arrived, answer } = await startHoldingReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const sender = await startSender(section(url), { outbox })
    const { deliveries } = await sender.send(event)
    await arrived
    await sender.stop({ timeoutInMs: 1 })

    const after = await openSender(section(url), { outbox })
    expect(await after.deliveries.get(deliveries[0]!.id)).toMatchObject({
      state: 'pending',
      attempts: [],
    })
    await after.start()
    await expect.poll(() => requests.length).toBe(2)
    answer()
    expect(await afterAttempts(after, deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
    expect(requests.map(({ request }) => request.headers['webhook-id'])).toEqual([
      deliveries[0]?.id,
      deliveries[0]?.id,
    ])
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
    const { deliveries } = await sender.send(event)
    await sender.stop()
    expect(await ledger.operate.getDelivery(deliveries[0]!.id)).toBeDefined()
  })
})
