import { getEventListeners } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { delivery, shortTimeouts, startEndpoint } from '../testing/endpoint.ts'
import { startRawReceiver, startReceiver } from '../testing/receiver.ts'

describe('an aborted attempt', () => {
  const aborted = { outcome: 'retry', errorCode: 'aborted' }

  test('before it began sends nothing', async () => {
    const { connectionCount, url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    expect(await endpoint.deliver(delivery, { signal: AbortSignal.abort('secret reason') })).toMatchObject({
      ...aborted,
      errorMessage: 'the attempt was aborted',
    })
    expect(connectionCount()).toBe(0)
  })

  test('ends while it waits for the answer, and so does its connection', async () => {
    const controller = new AbortController()
    const connections: Socket[] = []
    const { url } = await startRawReceiver((socket) => {
      connections.push(socket)
      controller.abort()
    })
    const endpoint = await startEndpoint(url)
    expect(await endpoint.deliver(delivery, controller)).toMatchObject(aborted)
    await expect.poll(() => connections[0]?.closed).toBe(true)
  })

  test('ends while it connects, and close() ends the connection', async () => {
    const controller = new AbortController()
    const connections: Socket[] = []
    const { url } = await startRawReceiver((socket) => {
      connections.push(socket)
      controller.abort()
    })
    const endpoint = await startEndpoint(url.replace('http:', 'https:'))
    expect(await endpoint.deliver(delivery, controller)).toMatchObject(aborted)
    await endpoint.close()
    await expect.poll(() => connections[0]?.closed).toBe(true)
  })

  test('ends while it waits for a connection, which stays for the next one', async () => {
    const answers: (() => void)[] = []
    const { connectionCount, requests, url } = await startReceiver((_request, response) => {
      answers.push(() => response.end())
    })
    const endpoint = await startEndpoint(url, { maxConcurrency: 1 })
    const first = endpoint.deliver(delivery)
    const controller = new AbortController()
    const second = endpoint.deliver(delivery, controller)
    const third = endpoint.deliver(delivery)
    await expect.poll(() => answers.length).toBe(1)
    controller.abort()
    expect(await second).toMatchObject(aborted)
    answers[0]?.()
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.()
    expect([await first, await third]).toMatchObject([{ outcome: 'delivered' }, { outcome: 'delivered' }])
    expect([requests.length, connectionCount()]).toEqual([2, 1])
  })

  test('leaves no listener at its signal, however it ended', async () => {
    const warned = vi.fn<(warning: Error) => void>()
    process.on('warning', warned)
    const { signal } = new AbortController()
    const { url } = await startReceiver()
    const { url: silent } = await startRawReceiver(() => {})
    const [answering, failing] = [await startEndpoint(url), await startEndpoint(silent, shortTimeouts)]
    const attempts = Array.from({ length: 30 }, () => answering.deliver(delivery, { signal }))
    await Promise.all([...attempts, failing.deliver(delivery, { signal })])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warned).not.toHaveBeenCalled()
    process.off('warning', warned)
  })
})
