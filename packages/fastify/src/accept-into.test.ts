import { WebhookError, type VerifiedWebhook } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { fastify, type LightMyRequestResponse } from 'fastify'
import { expect, test } from 'vitest'
import { acceptInto } from './accept-into.ts'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'a secret that both sides share'
const refusal = new WebhookError('inbox_unavailable', 'full', { headers: { 'retry-after': '5' } })

async function post(accept: (webhook: VerifiedWebhook) => Promise<unknown>): Promise<LightMyRequestResponse> {
  const app = fastify()
  app.register(async (scope) => {
    scope.register(verifyWebhook, { secret })
    scope.post('/automation', acceptInto({ accept }))
  })
  return app.inject(signedRequest({ secret, id: 'msg_1' }))
}

test('acceptInto answers 202 for a webhook that is stored', async () => {
  const accepted: VerifiedWebhook[] = []
  const { statusCode, body } = await post(async (webhook) => accepted.push(webhook))
  expect([statusCode, body]).toEqual([202, ''])
  expect(accepted).toMatchObject([{ delivery: { id: 'msg_1' } }])
})

test('acceptInto answers 503 with retry-after for one that is not', async () => {
  const { statusCode, headers, body } = await post(() => Promise.reject(refusal))
  expect([statusCode, headers['retry-after']]).toEqual([503, '5'])
  expect(JSON.parse(body)).toMatchObject({ code: 'inbox_unavailable' })
})

test('acceptInto refuses what is no inbox', () => {
  expect(() => acceptInto(undefined as never)).toThrow('inbox')
})
