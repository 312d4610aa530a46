import { describe, expect, test, vi } from 'vitest'
import { acceptInto } from './accept-into.ts'
import { signedRequest } from './testing.ts'
import type { VerifiedWebhook } from './verification.ts'
import { createVerifier } from './verifier.ts'
import { WebhookError } from './webhook-error.ts'

const secret = 'a secret that both sides share'

function handle(accept: (webhook: VerifiedWebhook) => Promise<unknown>) {
  const { headers, url, body } = signedRequest({ secret, id: 'msg_1' })
  const request = { headers, url, body: Buffer.from(body) }
  return createVerifier({ secret }).handle(request, acceptInto({ accept }), { onError: () => {} })
}

describe('acceptInto', () => {
  test('answers 202 once the webhook is stored, and not before', async () => {
    const stored = Promise.withResolvers<void>()
    const accept = vi.fn<(webhook: VerifiedWebhook) => Promise<void>>(() => stored.promise)
    let isAnswered = false
    const answer = handle(accept).finally(() => (isAnswered = true))
    await vi.waitFor(() => expect(accept).toHaveBeenCalledOnce())
    expect(isAnswered).toBe(false)
    stored.resolve()
    expect(await answer).toMatchObject({ status: 202 })
    expect(accept.mock.calls[0]?.[0]).toMatchObject({ delivery: { id: 'msg_1' } })
  })

  test('answers 503 with retry-after when it could not be stored', async () => {
    const refusal = new WebhookError('inbox_unavailable', 'full', { headers: { 'retry-after': '5' } })
    expect(await handle(() => Promise.reject(refusal))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
  })

  test('refuses what is no inbox, and a request that was not verified', async () => {
    expect(() => acceptInto(Promise.resolve() as never)).toThrow('check for a missing await')
    expect(() => acceptInto(undefined as never)).toThrow('inbox')
    const accept = acceptInto({ accept: async () => {} })
    await expect(accept(undefined as never)).rejects.toThrow('mount verifyWebhook before acceptInto')
  })
})
