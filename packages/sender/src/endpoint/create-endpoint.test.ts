import { createSigner, encodeTaskEvent, type EventType } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { createEndpoint } from './create-endpoint.ts'
import { delivery, startEndpoint } from '../testing/endpoint.ts'
import { startReceiver } from '../testing/receiver.ts'

const now = Date.parse('2026-11-23T12:00:00.900Z')

describe('a request', () => {
  test('is the event as the specification writes it, with its length, and is told who sends', async () => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    await endpoint.deliver(delivery)
    expect(requests).toHaveLength(1)
    const { request, body } = requests[0] as (typeof requests)[0]
    expect(body.toString()).toBe('{"orderId":"07c6ad8c","eventType":"OrderAccepted","taskId":"07c6ad8c"}')
    expect([request.method, request.url]).toEqual(['POST', '/automation'])
    expect(request.headers).toEqual({
      host: new URL(url).host,
      connection: 'keep-alive',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'user-agent': `taskhook/${packageJson.version}`,
    })
  })

  test('goes to the endpoint with its key', async () => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(`${url}?a=b`, { key: 'Ä&1' })
    await endpoint.deliver(delivery)
    expect(requests[0]?.request.url).toBe('/automation/?a=b&key=%C3%84%261')
    expect(endpoint.url.href).toBe(`${url}/?a=b&key=%C3%84%261`)
  })

  test.each([
    ['one secret', 'secret'],
    ['two secrets', ['current', 'previous']],
  ])('is signed as of now: %s', async (_title, secret) => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url, { secret }, { now: () => now })
    await endpoint.deliver(delivery)
    const expected = createSigner(secret)({
      id: 'msg_1',
      sentAt: new Date(now),
      body: encodeTaskEvent(delivery),
    })
    expect(requests[0]?.request.headers).toMatchObject(expected)
  })

  test('has the configured headers', async () => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url, { headers: { Authorization: 'Bearer token', 'x-empty': '' } })
    await endpoint.deliver(delivery)
    expect(requests[0]?.request.headers).toMatchObject({ authorization: 'Bearer token', 'x-empty': '' })
  })

  test.each([
    [{ ...delivery, id: '' }, 'id'],
    [{ ...delivery, id: undefined as unknown as string }, 'id'],
    [{ ...delivery, id: 'with.dot' }, 'id'],
    [{ ...delivery, taskId: '' }, 'taskId'],
    [{ ...delivery, eventType: 'OrderSined' as EventType }, 'eventType'],
  ])('is not made of an invalid delivery: %j', async (invalid, option) => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url, { secret: 'secret' })
    await expect(endpoint.deliver(invalid)).rejects.toMatchObject({ code: 'option_invalid', option })
    expect(requests).toEqual([])
  })
})

describe('connections', () => {
  test('are used again', async () => {
    const { connectionCount, requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url, { maxConcurrency: 1 })
    for (let index = 0; index < 5; index += 1) {
      // One after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      await endpoint.deliver(delivery)
    }
    expect([requests.length, connectionCount()]).toEqual([5, 1])
  })

  test('are as many as maxConcurrency allows', async () => {
    const { connectionCount, requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url, { maxConcurrency: 3 })
    const results = await Promise.all(Array.from({ length: 20 }, () => endpoint.deliver(delivery)))
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']))
    expect([requests.length, connectionCount()]).toEqual([20, 3])
  })
})

describe('close', () => {
  test('lets attempts that are under way end, and refuses later ones', async () => {
    const answers: (() => void)[] = []
    const { url } = await startReceiver((_request, response) => {
      answers.push(() => response.end())
    })
    const endpoint = await startEndpoint(url)
    const attempts = [endpoint.deliver(delivery), endpoint.deliver(delivery)]
    await expect.poll(() => answers.length).toBe(2)
    const closed = endpoint.close()
    await expect(endpoint.deliver(delivery)).rejects.toMatchObject({ code: 'endpoint_closed' })
    for (const answer of answers) answer()
    expect((await Promise.all(attempts)).map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered'])
    await closed
  })

  test('may be called again', async () => {
    const { url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    expect(endpoint.close()).toBe(endpoint.close())
    await endpoint.close()
  })

  test('closes the connections that are kept', async () => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    await endpoint.deliver(delivery)
    await endpoint.close()
    await expect.poll(() => requests[0]?.request.socket.closed).toBe(true)
  })
})

describe('an option that is not known is refused by name', () => {
  test('of createEndpoint', async () => {
    const made = createEndpoint({ enabled: true, endpoint: 'http://127.0.0.1/' }, {
      clock: Date.now,
    } as object)
    await expect(made).rejects.toMatchObject({ code: 'option_invalid', option: 'clock' })
  })

  test('of deliver', async () => {
    const { requests, url } = await startReceiver()
    const endpoint = await startEndpoint(url)
    const delivered = endpoint.deliver(delivery, { abortSignal: AbortSignal.abort() } as object)
    await expect(delivered).rejects.toThrow('abortSignal: is not a known option; the nearest one is "signal"')
    expect(requests).toEqual([])
  })
})

describe('an endpoint', () => {
  test('has the configured id, or one of its own', async () => {
    const { url } = await startReceiver()
    expect(await startEndpoint(url, { id: 'archive' })).toMatchObject({ id: 'archive' })
    expect((await startEndpoint(url)).id).toBe(`${new URL(url).host}/automation`)
  })

  test('is not made of a configuration that is invalid or has no endpoint', async () => {
    const invalid = createEndpoint({ enabled: true, endpoint: 'ftp://www.example.org' })
    await expect(invalid).rejects.toMatchObject({ code: 'config_invalid' })
    const nowhere = createEndpoint({ enabled: false })
    await expect(nowhere).rejects.toMatchObject({ code: 'option_invalid', option: 'endpoint' })
  })
})
