import { WebhookError } from '@taskhook/core'
import { describe, expect, test, vi } from 'vitest'
import { readRawBody } from './read-raw-body.ts'

const limits = { limitInBytes: 10, timeoutInMs: 1000 }

describe('readRawBody', () => {
  test('gives the bytes as they are, be they text or not', async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xff, 0x00, 0x0d, 0x0a)
    expect(await readRawBody(request(bytes), limits)).toEqual(bytes)
  })

  test('joins chunks', async () => {
    const body = streamOf(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3), Uint8Array.of(4, 5, 6))
    expect(await readRawBody(request(body), limits)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
  })

  test('gives no bytes for a request without a body', async () => {
    expect(await readRawBody(new Request('https://localhost/'), limits)).toEqual(new Uint8Array())
    expect(await readRawBody(request(streamOf()), limits)).toEqual(new Uint8Array())
  })

  test('takes a body of exactly the limit', async () => {
    const body = streamOf(new Uint8Array(5), new Uint8Array(5))
    expect(await readRawBody(request(body), limits)).toEqual(new Uint8Array(10))
  })

  test.each([{ 'content-length': '11' }, {}])(
    'refuses a body over the limit, discards what is to come, and cancels what does not end: %j',
    async (headers) => {
      const canceled = Promise.withResolvers<void>()
      let pulls = 0
      const body = new ReadableStream(
        {
          pull(controller) {
            pulls += 1
            controller.enqueue(new Uint8Array(1024 * 1024))
          },
          cancel: () => canceled.resolve(),
        },
        { highWaterMark: 0 },
      )
      expect(await refusal(request(body, headers))).toMatchObject({
        code: 'body_too_large',
        message: expect.stringContaining('10 bytes'),
      })
      await canceled.promise
      expect(pulls).toBeGreaterThan(32)
      expect(pulls).toBeLessThan(40)
    },
  )

  test('waits no longer than the time limit, and then no longer than ten seconds for the rest', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const canceled = Promise.withResolvers<void>()
      const body = new ReadableStream({ cancel: () => canceled.resolve() })
      const refused = refusal(request(body))
      await vi.advanceTimersByTimeAsync(1000)
      expect(await refused).toMatchObject({
        code: 'body_timeout',
        status: 408,
        headers: { connection: 'close' },
      })
      await vi.advanceTimersByTimeAsync(10_000)
      await canceled.promise
    } finally {
      vi.useRealTimers()
    }
  })

  test('is not misled by a content-length below what comes', async () => {
    const body = streamOf(new Uint8Array(11))
    expect(await refusal(request(body, { 'content-length': '1' }))).toMatchObject({ code: 'body_too_large' })
  })

  test('refuses a body that was read before', async () => {
    const read = request(Uint8Array.of(1))
    await read.text()
    expect(await refusal(read)).toMatchObject({
      code: 'body_already_parsed',
      status: 500,
      message: expect.stringContaining('request.clone()'),
    })
  })

  test('refuses a body that other code is reading', async () => {
    const locked = request(Uint8Array.of(1))
    const reader = locked.body?.getReader()
    expect(await refusal(locked)).toMatchObject({ code: 'body_already_parsed' })
    reader?.releaseLock()
  })

  test('reads a clone that was made before', async () => {
    const original = request(Uint8Array.of(1, 2))
    const clone = original.clone()
    await original.text()
    expect(await readRawBody(clone, limits)).toEqual(Uint8Array.of(1, 2))
  })

  test('refuses a body whose stream fails, and keeps why', async () => {
    const cause = new Error('connection reset')
    let pulls = 0
    const body = new ReadableStream({
      pull(controller) {
        pulls += 1
        if (pulls === 1) controller.enqueue(Uint8Array.of(1))
        else controller.error(cause)
      },
    })
    expect(await refusal(request(body))).toMatchObject({ code: 'body_unreadable', status: 400, cause })
  })
})

function request(body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): Request {
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' }
  return new Request('https://localhost/', init)
}

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

async function refusal(refused: Request): Promise<WebhookError> {
  const error: unknown = await readRawBody(refused, limits).catch((reason: unknown) => reason)
  if (!WebhookError.isInstance(error)) throw new Error('the request was not refused', { cause: error })
  return error
}
