import { memoryDedupe, type WebhookError } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import express4 from 'express4'
import { describe, expect, test, vi } from 'vitest'
import { answerProblems, type AnswerProblemsOptions } from './answer-problems.ts'
import { startServer, type TestServer } from './test-server.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
type OnRefused = (error: WebhookError, request: Request) => void

describe.each<[string, () => Express]>([
  ['Express 5', express],
  ['Express 4', express4],
])('answerProblems in %s', (_name, framework) => {
  function appOf(options?: AnswerProblemsOptions): Express {
    const app = framework()
    app.post('/automation', verifyWebhook({ secret }), (_request, response) => void response.sendStatus(204))
    app.post('/broken', () => {
      throw new Error('the disk is full')
    })
    app.use(answerProblems(options))
    app.use(
      ((error, _request, response, _next) =>
        void response.status(500).send(error.message)) satisfies ErrorRequestHandler,
    )
    return app
  }

  // Express answered in HTML, with the stack outside production, and printed it.
  test('answers a refusal as a problem, and prints nothing', async () => {
    const printed = vi.spyOn(console, 'error')
    await using server = await startServer(appOf())
    const response = await post(server, false)
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await response.json()).toMatchObject({ status: 401, code: 'signature_missing' })
    expect(printed).not.toHaveBeenCalled()
  })

  test('tells of each refusal', async () => {
    const onRefused = vi.fn<OnRefused>()
    await using server = await startServer(appOf({ onRefused }))
    await post(server, 'a guess')
    await post(server, secret)
    expect(onRefused).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'signature_mismatch' }),
      expect.objectContaining({ url: '/automation' }),
    )
  })

  test('leaves other errors to the application', async () => {
    await using server = await startServer(appOf())
    const response = await fetch(`${server.origin}/broken`, { method: 'POST' })
    expect([response.status, await response.text()]).toEqual([500, 'the disk is full'])
  })

  // Express ends the connection and not the response, so the delivery was held for a quarter of an hour.
  test('gives a delivery back whose handler fails after its answer has begun', async () => {
    const app = framework()
    let runs = 0
    app.post('/automation', verifyWebhook({ secret, dedupe: memoryDedupe() }), (_request, response) => {
      runs += 1
      if (runs > 1) return void response.sendStatus(204)
      response.write('half of an answer')
      throw new Error('the disk is full')
    })
    app.use(answerProblems())
    app.use(
      ((_error, _request, response, _next) => void response.socket?.destroy()) satisfies ErrorRequestHandler,
    )
    await using server = await startServer(app)
    const { url, headers, body } = signedRequest({ secret, id: 'msg_1' })
    const send = () => fetch(server.origin + url, { method: 'POST', headers, body })
    await expect(send().then((response) => response.text())).rejects.toBeInstanceOf(TypeError)
    expect((await send()).status).toBe(204)
    expect(runs).toBe(2)
  })

  test('prints what is ours to mend', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementationOnce(() => {})
    const app = framework()
    app.use(express.json())
    app.post('/automation', verifyWebhook({ secret }))
    app.use(answerProblems())
    await using server = await startServer(app)
    expect((await post(server, secret)).status).toBe(500)
    expect(printed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: 'body_already_parsed',
        message: expect.stringContaining('express.json()'),
      }),
    )
  })
})

test('answerProblems refuses options that cannot work', () => {
  expect(() => answerProblems({ onRefused: 'log' as never })).toThrow('onRefused')
  expect(() => answerProblems({ onrefused: () => {} } as AnswerProblemsOptions)).toThrow('"onRefused"')
})

function post({ origin }: TestServer, signedWith: string | false): Promise<Response> {
  const { url, headers, body } = signedRequest({ secret: signedWith })
  return fetch(origin + url, { method: 'POST', headers, body })
}
