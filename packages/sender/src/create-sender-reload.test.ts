import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { verifySignature } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { createIdentity, writePem } from './testing/certificates.ts'
import { startHoldingReceiver, startReceiver, type ReceivedRequest } from './testing/receiver.ts'
import { afterAttempts, event, section, startSender } from './testing/sender.ts'

/** Which of two secrets a request is signed with. */
function secretOf({ request, body }: ReceivedRequest): string | undefined {
  const header = String(request.headers['x-signature'])
  return ['old', 'new'].find((secret) => verifySignature(body, header, secret))
}

describe('reload', () => {
  test.each([
    ['a rule is broken', { retrySchedule: [] }, 'config_invalid'],
    [
      'a key file is not there',
      { useSslTrustAll: false, sslTrustFile: '/nowhere.pem', useSslClientCert: true, sslKeyFile: '/nowhere' },
      'key_store_unreadable',
    ],
  ])('rejects with a code when %s, and changes nothing', async (_title, broken, code) => {
    const { url, requests } = await startReceiver()
    const other = await startReceiver()
    const sender = await startSender(section(url, { id: 'one', secret: 'old' }))
    const reloading = sender.reload([
      section(other.url, { id: 'one', secret: 'new' }),
      section('https://127.0.0.1:1/', { id: 'two', ...broken }),
    ])
    await expect(reloading).rejects.toMatchObject({ code })
    expect(await sender.endpoints.list()).toMatchObject([{ id: 'one' }])
    const { deliveries } = await sender.send(event)
    expect(deliveries).toHaveLength(1)
    await sender.idle()
    expect(requests.map(secretOf)).toEqual(['old'])
    expect(other.requests).toEqual([])
  })

  test('lets an attempt end on its own connection, and signs the next one with the new secret', async () => {
    let answer: ((status: number) => void) | undefined
    const arrived = Promise.withResolvers<void>()
    const { url, requests } = await startReceiver((_request, response) => {
      if (requests.length > 1) return void response.end()
      answer = (status) => void response.writeHead(status).end()
      arrived.resolve()
    })
    const sender = await startSender(section(url, { id: 'one', secret: 'old' }))
    const { deliveries } = await sender.send(event)
    await arrived.promise
    const reloaded = await sender.reload(section(url, { id: 'one', secret: ['new', 'old'] }))
    expect(reloaded).toEqual({ changed: ['one'], restartRequired: [] })
    const { socket } = requests[0]!.request
    const closed = once(socket, 'close')
    answer!(500)
    expect(await afterAttempts(sender, deliveries[0]!.id)).toMatchObject({
      state: 'delivered',
      attempts: [{ status: 500 }, { status: 200 }],
    })
    expect(requests.map(secretOf)).toEqual(['old', 'new'])
    // The connections of the former endpoint are closed when its last attempt has ended.
    await closed
    expect(requests[1]!.request.socket).not.toBe(socket)
  })

  test('takes over headers and events', async () => {
    const { url, requests } = await startReceiver()
    const sender = await startSender(section(url, { id: 'one' }))
    await sender.reload(section(url, { id: 'one', headers: { 'x-from': 'here' }, events: ['OrderExpired'] }))
    expect(await sender.send(event)).toEqual({ deliveries: [] })
    await sender.send({ ...event, eventType: 'OrderExpired' })
    await sender.idle()
    expect(requests.map(({ request }) => request.headers['x-from'])).toEqual(['here'])
  })

  test('takes over the schedule, also for what waits', async () => {
    const { url } = await startReceiver((_request, response) => response.writeHead(500).end())
    const sender = await startSender(section(url, { id: 'one', retrySchedule: ['PT0S', 'PT0.2S', 'P1D'] }))
    const { id } = (await sender.send(event)).deliveries[0]!
    await afterAttempts(sender, id, 1)
    await sender.reload(section(url, { id: 'one', retrySchedule: ['PT0S', 'PT0.2S'] }))
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'exhausted', attemptCount: 2 })
  })

  test('takes over maxConcurrency', async () => {
    const { url, requests, arrived, answer } = await startHoldingReceiver()
    const sender = await startSender(section(url, { id: 'one', maxConcurrency: 1 }))
    for (const taskId of ['a', 'b', 'c', 'd']) await sender.send({ ...event, taskId })
    await arrived
    expect(requests).toHaveLength(1)
    await sender.reload(section(url, { id: 'one', maxConcurrency: 3 }))
    await expect.poll(() => requests.length).toBe(3)
    answer()
  })

  test('reads key files again, and keeps what is the same', async () => {
    const [old, current] = ['Old', 'New'].map((name) => createIdentity({ name, isAuthority: true }))
    const server = createIdentity({ name: 'server', issuer: current!, hosts: ['127.0.0.1'] })
    const { url } = await startReceiver(undefined, { cert: server.certificate, key: server.privateKey })
    const sslKeyFile = await writePem(old!.certificate)
    const webHook = [
      section(url, { id: 'tls', useSslTrustAll: false, sslKeyFile, retrySchedule: ['PT0S', 'PT0.05S'] }),
      section('http://127.0.0.1:1/', { id: 'other', events: ['OrderExpired'] }),
    ]
    const sender = await startSender(webHook)
    expect(await sender.reload(webHook)).toEqual({ changed: [], restartRequired: [] })
    const { id } = (await sender.send(event)).deliveries[0]!
    expect(await afterAttempts(sender, id, 1)).toMatchObject({ lastAttempt: { errorCode: 'tls_untrusted' } })
    await writeFile(sslKeyFile, current!.certificate)
    expect(await sender.reload(webHook)).toEqual({ changed: ['tls'], restartRequired: [] })
    await sender.deliveries.resend(id)
    expect(await afterAttempts(sender, id)).toMatchObject({ state: 'delivered' })
  })
})
