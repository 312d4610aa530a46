import { describe, expect, test } from 'vitest'
import { startHoldingReceiver, startReceiver } from './testing/receiver.ts'
import { event, openSender, section, startSender } from './testing/sender.ts'

describe('idle', () => {
  test('lets a script wait for all that it has sent', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url, { id: 'one' }))
    const sent = await Promise.all(
      // Three of one task, which go one after another.
      ['a', 'a', 'a', 'b'].map((taskId) => sender.send({ ...event, taskId })),
    )
    await sender.idle()
    expect(requests).toHaveLength(4)
    for (const { deliveries } of sent) {
      expect(await sender.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
    }
  })

  test('does not wait for what waits for a retry, or at a paused endpoint', async () => {
    const { url } = await startReceiver((_request, response) => response.writeHead(500).end())
    const sender = await startSender([
      section(url, { id: 'failing', retrySchedule: ['PT0S', 'P1D'] }),
      section(url, { id: 'paused' }),
    ])
    await sender.endpoints.pause('paused')
    const { deliveries } = await sender.send(event)
    await sender.idle()
    const waits = await Promise.all(deliveries.map(({ id }) => sender.deliveries.get(id)))
    expect(waits).toMatchObject([{ waitsFor: 'retry', lastAttempt: { status: 500 } }, { waitsFor: 'paused' }])
  })

  test('rejects with idle_timeout when that is over, and can be called again', async () => {
    const { url, arrived, answer } = await startHoldingReceiver()
    const sender = await startSender(section(url))
    await sender.send(event)
    await arrived
    await expect(sender.idle({ timeoutInMs: 5 })).rejects.toMatchObject({
      name: 'OutboxError',
      code: 'idle_timeout',
    })
    answer()
    await sender.idle({ timeoutInMs: 10_000 })
    expect(await sender.deliveries.list()).toMatchObject({ deliveries: [{ state: 'delivered' }] })
  })

  test('resolves at once without start', async () => {
    const sender = await openSender(section('http://127.0.0.1:1/'))
    await sender.send(event)
    await sender.idle()
    expect(await sender.deliveries.list()).toMatchObject({ deliveries: [{ waitsFor: 'dispatcher' }] })
  })
})

test.each(['stop', 'idle'] as const)(
  '%s refuses an option that is not known or cannot work, and does nothing',
  async (call) => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url))
    await expect(sender[call]({ timeoutInMS: 5 } as never)).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'timeoutInMS',
      message: expect.stringContaining('"timeoutInMs"') as string,
    })
    await expect(sender[call]({ timeoutInMs: -1 })).rejects.toMatchObject({ option: 'timeoutInMs' })
    await sender.send(event)
    await sender.idle()
    expect(requests).toHaveLength(1)
    await sender.stop()
  },
)
