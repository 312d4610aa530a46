import { WebhookError } from '@taskhook/core'
import { describe, expect, test, vi } from 'vitest'
import { readRawBody } from './read-raw-body.ts'

const limitInBytes = 10

describe('readRawBody', () => {
  test('gives the bytes as they are, be they text or not', async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xff, 0x00, 0x0d, 0x0a)
    expect(await readRawBody(request(bytes), limitInBytes)).toEqual(bytes)
  })

  test('joins chunks', async () => {
    const body = streamOf(Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3), Uint8Array.of(4, 5, 6))
    expect(await readRawBody(request(body), limitInBytes)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
  })

  test('gives no bytes for a request without a body', async () => {
    expect(await readRawBody(new Request('https://localhost/'), limitInBytes)).toEqual(new Uint8Array())
    expect(await readRawBody(request(streamOf()), limitInBytes)).toEqual(new Uint8Array())
  })

  test('takes a body of exactly the limit', async () => {
    const body = streamOf(new Uint8Array(5), new Uint8Array(5))
    expect(await readRawBody(request(body), limitInBytes)).toEqual(new Uint8Array(10))
  })

  test('refuses a body that is declared over the limit without pulling any of it', async () => {
    const pull = vi.fn<() => void>()
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    expect(await refusal(request(body, { 'content-length': '11' }))).toMatchObject({ code: 'body_too_large' })
    expect(pull).not.toHaveBeenCalled()
  })

  test('refuses a body as soon as its chunks are over the limit, and cancels the rest', async () => {
    const cancel = vi.fn<() => void>()
    let pulls = 0
    const body = new ReadableStream(
      {
        pull(controller) {
          pulls += 1
          controller.enqueue(new Uint8Array(6))
        },
        cancel,
      },
      { highWaterMark: 0 },
    )
    expect(await refusal(request(body))).toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('10 bytes'),
    })
    expect(pulls).toBe(2)
    expect(cancel).toHaveBeenCalledOnce()
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

  test('refuses a body that somebody else is reading', async () => {
    const locked = request(Uint8Array.of(1))
    const reader = locked.body?.getReader()
    expect(await refusal(locked)).toMatchObject({ code: 'body_already_parsed' })
    reader?.releaseLock()
  })

  test('reads a clone that was made before', async () => {
    const original = request(Uint8Array.of(1, 2))
    const clone = original.clone()
    await original.text()
    expect(await readRawBody(clone, limitInBytes)).toEqual(Uint8Array.of(1, 2))
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
  const error: unknown = await readRawBody(refused, limitInBytes).catch((reason: unknown) => reason)
  if (!WebhookError.isInstance(error)) throw new Error('the request was not refused', { cause: error })
  return error
}
