import { Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import type { AnsweringHandler, RequestToHandle } from './handle-request.ts'
import { memoryDedupe } from './memory-dedupe.ts'
import type { TaskEvent } from './task-event.ts'
import { signedRequest, type SignedRequestOptions } from './testing.ts'
import { createVerifier } from './verifier.ts'

const secret = 'correct horse battery staple'

function requestOf(options: Partial<SignedRequestOptions> = {}): RequestToHandle {
  const { headers, url, body } = signedRequest({ secret, ...options })
  return { headers, url, body: Buffer.from(body) }
}

describe('verifier.handle', () => {
  test('answers 204 when the handler returns nothing, or what it returns', async () => {
    const verifier = createVerifier({ secret })
    expect(await verifier.handle(requestOf(), () => {})).toEqual({ status: 204, headers: {}, body: '' })
    expect(await verifier.handle(requestOf(), async () => ({ body: 'noted' }))).toEqual({
      status: 200,
      headers: {},
      body: 'noted',
    })
    const answer = { status: 202, headers: { 'x-task': '1' }, body: 'noted' }
    expect(await verifier.handle(requestOf(), () => answer)).toEqual(answer)
  })

  test('answers a refusal as a problem, and onError hears nothing', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const handler = vi.fn<AnsweringHandler<TaskEvent>>()
    const answer = await createVerifier({ secret }).handle(requestOf({ secret: false }), handler, { onError })
    expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } })
    expect(JSON.parse(answer.body)).toMatchObject({ status: 401, code: 'signature_missing' })
    expect([onError, handler].flatMap(({ mock }) => mock.calls)).toEqual([])
  })

  test('answers a handler that throws with a 500 that says nothing, and onError hears all', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const failure = new Error('the password is 1234')
    const answer = await createVerifier({ secret }).handle(requestOf(), () => Promise.reject(failure), {
      onError,
    })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('1234')
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure)
  })

  test('settles a delivery before it answers', async () => {
    const verifier = createVerifier({ secret, dedupe: memoryDedupe() })
    const statuses = [503, 202, 202]
    const handler = vi.fn<AnsweringHandler<TaskEvent>>(() => ({ status: statuses.shift() ?? 500 }))
    const answers = []
    for (let time = 0; time < 3; time += 1) {
      answers.push((await verifier.handle(requestOf({ id: 'msg_1' }), handler)).status)
    }
    expect(answers).toEqual([503, 202, 204])
    expect(handler).toHaveBeenCalledTimes(2)
  })

  test('reads a stream up to the limit, and no further', async () => {
    const verifier = createVerifier({ secret, bodyLimitInBytes: 1000 })
    const request = requestOf()
    const body = Readable.from([Buffer.from(request.body as Uint8Array)])
    expect(await verifier.handle({ ...request, body }, () => {})).toMatchObject({ status: 204 })

    let chunks = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(100, (chunks += 1))
    }
    expect(await verifier.handle({ ...request, body: endless() }, () => {})).toMatchObject({ status: 413 })
    expect(chunks).toBe(11)
  })

  test.each([undefined, null, 'text', { taskId: '1' }, Readable.from(['text'])])(
    'refuses a body that is neither bytes nor a stream of them: %j',
    async (body) => {
      const onError = vi.fn<(error: unknown) => void>()
      const request = { ...requestOf(), body } as RequestToHandle
      const { status } = await createVerifier({ secret }).handle(request, () => {}, { onError })
      expect(status).toBe(500)
      expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'body_already_parsed' })]])
    },
  )

  test('takes an event of AWS Lambda, as a function URL or API Gateway sends it', async () => {
    const verifier = createVerifier({ secret, key: 'north' })
    const { headers, url, body } = signedRequest({ secret, key: 'north' })
    const [rawPath, rawQueryString] = url.split('?')
    const event = {
      rawPath,
      rawQueryString,
      headers,
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    }

    const answer = await verifier.handle(
      {
        headers: event.headers,
        url: `${event.rawPath}?${event.rawQueryString}`,
        body: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'),
      },
      () => {},
    )
    expect(answer.status).toBe(204)
  })

  // The options name what is wrong, whether or not a request is authentic.
  test.each<[string, unknown[]]>([
    ['handler', [requestOf({ secret: false }), undefined, {}]],
    ['request', [undefined, () => {}, {}]],
    ['onEror', [requestOf(), () => {}, { onEror: () => {} }]],
    ['options', [requestOf(), () => {}, null]],
    ['onError', [requestOf(), () => {}, { onError: 'log' }]],
  ])(
    'answers a call with a wrong %s with a 500, and says why',
    async (option, [request, handler, options]) => {
      const print = vi.spyOn(console, 'error').mockImplementation(() => {})
      const verifier = createVerifier({ secret })
      const answer = await verifier.handle(request as never, handler as never, options as never)
      expect(answer.status).toBe(500)
      expect(print.mock.calls).toEqual([[expect.objectContaining({ code: 'option_invalid', option })]])
      print.mockRestore()
    },
  )
})
