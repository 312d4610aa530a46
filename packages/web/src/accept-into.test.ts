import { WebhookError, type VerifiedWebhook } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { expect, test } from 'vitest'
import { acceptInto } from './accept-into.ts'
import { webhookHandler } from './webhook-handler.ts'

const secret = 'a secret that both sides share'
const refusal = new WebhookError('inbox_unavailable', 'full', { headers: { 'retry-after': '5' } })

async function post(accept: (webhook: VerifiedWebhook) => Promise<unknown>): Promise<Response> {
  const { url, ...request } = signedRequest({ secret, id: 'msg_1', url: 'https://localhost/automation' })
  const handle = webhookHandler({ secret, onError: () => {} }, acceptInto({ accept }))
  return handle(new Request(url, request))
}

test('acceptInto answers 202 for a webhook that is stored', async () => {
  const accepted: VerifiedWebhook[] = []
  const response = await post(async (webhook) => accepted.push(webhook))
  expect([response.status, await response.text()]).toEqual([202, ''])
  expect(accepted).toMatchObject([{ delivery: { id: 'msg_1' } }])
})

test('acceptInto answers 503 with retry-after for one that is not', async () => {
  const response = await post(() => Promise.reject(refusal))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await response.json()).toMatchObject({ code: 'inbox_unavailable' })
})

test('acceptInto refuses what is no inbox', () => {
  expect(() => acceptInto(undefined as never)).toThrow('inbox')
})
