import { WebhookError, type VerifiedWebhook } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import express, { type Express } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { acceptInto } from './accept-into.ts'
import { answerProblems } from './answer-problems.ts'
import { startServer } from './test-server.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
const refusal = new WebhookError('inbox_unavailable', 'full', { headers: { 'retry-after': '5' } })

async function post(app: Express): Promise<Response> {
  await using server = await startServer(app)
  const { url, headers, body } = signedRequest({ secret, id: 'msg_1' })
  return await fetch(server.origin + url, { method: 'POST', headers, body })
}

describe.each<[string, () => Express]>([
  ['Express 5', express],
  ['Express 4', express4],
])('acceptInto in %s', (_name, framework) => {
  test('answers 202 for a webhook that is stored', async () => {
    const accepted: VerifiedWebhook[] = []
    const app = framework()
    const inbox = { accept: async (webhook: VerifiedWebhook) => accepted.push(webhook) }
    app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
    const response = await post(app)
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect(accepted).toMatchObject([{ delivery: { id: 'msg_1' } }])
  })

  test('answers 503 with retry-after for one that is not', async () => {
    const app = framework()
    const inbox = { accept: () => Promise.reject(refusal) }
    app.post('/automation', verifyWebhook({ secret }), acceptInto(inbox))
    app.use(answerProblems({ onRefused: () => {} }))
    const response = await post(app)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ code: 'inbox_unavailable' })
  })

  test('accepts nothing that was not verified', async () => {
    const app = framework()
    app.post('/automation', acceptInto({ accept: async () => {} }))
    app.use(
      ((error, _request, response, _next) =>
        void response.status(500).send(error.message)) satisfies express.ErrorRequestHandler,
    )
    expect(await (await post(app)).text()).toContain('mount verifyWebhook before acceptInto')
  })
})

test('acceptInto takes an inbox of another event, where the schema makes it', () => {
  const schema = z.object({ id: z.number() })
  const inbox = { accept: async (_webhook: VerifiedWebhook<{ id: number }>) => {} }
  express().post('/automation', verifyWebhook({ secret, schema }), acceptInto(inbox))
  expect(() => acceptInto({} as never)).toThrow('inbox')
})
