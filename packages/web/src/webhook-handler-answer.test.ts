import { memoryDedupe } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { expect, test, vi } from 'vitest'
import { webhookHandler } from './webhook-handler.ts'

const secret = 'correct horse battery staple'

function request(): Request {
  const { method, headers, url, body } = signedRequest({ secret, id: 'msg_1' })
  return new Request(new URL(url, 'http://127.0.0.1'), { method, headers, body })
}

// It was handed on to the server, which failed in a way of its own.
test.each(['text', { ok: true }, true])(
  'a handler that returns %j is answered with 500, told to onError, and called again',
  async (answer) => {
    const onError = vi.fn<(error: unknown) => void>()
    const handler = vi.fn<() => unknown>().mockReturnValueOnce(answer).mockReturnValue(undefined)
    const handle = webhookHandler({ secret, dedupe: memoryDedupe(), onError }, handler as never)
    expect((await handle(request())).status).toBe(500)
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ option: 'handler' }), expect.anything()]])
    expect((await handle(request())).status).toBe(204)
  },
)
