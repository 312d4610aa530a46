import { verifySignature } from '@taskhook/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readEndpoints } from '../config/endpoint-settings.ts'
import type { WebHookOptions } from '../config/web-hook/config.ts'
import { startReceiver } from '../testing/receiver.ts'
import { createPoster, type Poster } from './create-poster.ts'

async function openPoster(endpoint: string, options: WebHookOptions = {}): Promise<Poster> {
  const [settings] = readEndpoints({ ...options, enabled: true, endpoint })
  const poster = await createPoster(settings!)
  onTestFinished(() => poster.close())
  return poster
}

describe('a poster', () => {
  test.each([
    ['text', '{ "taskId":"ü" }'],
    ['bytes', Buffer.from('{ "taskId":"ü" }')],
    ['part of a larger buffer', new Uint8Array(Buffer.from('xx{ "taskId":"ü" }')).subarray(2)],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('signs and sends exactly the body that it is given: %s', async (_title, body) => {
    const { requests, url } = await startReceiver()
    const poster = await openPoster(url, { secret: 'a secret' })
    expect(await poster.post({ id: 'msg_1', body })).toMatchObject({ outcome: 'delivered' })
    const [received] = requests
    expect(received?.body.equals(Buffer.from(body as Uint8Array))).toBe(true)
    const signature = String(received?.request.headers['x-signature'])
    expect(verifySignature(received!.body, signature, 'a secret')).toBe(true)
  })

  test('sends the headers it is given, but none that the sender sets itself', async () => {
    const { requests, url } = await startReceiver()
    const poster = await openPoster(url, { secret: 'a secret', headers: { 'X-Own': 'own' } })
    const headers = {
      traceparent: '00-1',
      'x-own': 'other',
      'Content-Type': 'text/plain',
      'X-Signature': 'mine',
    }
    await poster.post({ id: 'msg_1', body: '{}', headers })
    const received = requests[0]?.request
    expect(received?.headers).toMatchObject({
      traceparent: '00-1',
      'x-own': 'own',
      'content-type': 'application/json',
      'x-signature': expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(received?.rawHeaders.filter((text) => text.toLowerCase() === 'x-signature')).toHaveLength(1)
  })
})
