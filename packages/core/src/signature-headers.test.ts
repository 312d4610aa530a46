import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { OptionError } from './option-error.ts'
import { createSigner } from './signature-headers.ts'
import { sign } from './signature.ts'

const message = { id: 'msg_1', sentAt: new Date(1_700_000_000_999), body: '{"a":1}' }

describe('createSigner', () => {
  test('gives the signature of the example in the Standard Webhooks specification', () => {
    const signer = createSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const headers = signer({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      sentAt: new Date(1_614_265_330_000),
      body: '{"test": 2432232314}',
    })
    expect(headers).toMatchObject({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test('signs X-Signature over the body alone', () => {
    expect(createSigner('secret')(message)['x-signature']).toBe(sign(message.body, 'secret'))
  })

  test('writes the time in whole seconds, rounded down', () => {
    expect(createSigner('secret')(message)['webhook-timestamp']).toBe('1700000000')
  })

  test('signs with each of several secrets, and X-Signature with the first', () => {
    const headers = createSigner(['current', 'previous'])(message)
    const expected = ['current', 'previous'].map((secret) => {
      const hmac = createHmac('sha256', secret).update('msg_1.1700000000.{"a":1}')
      return `v1,${hmac.digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(expected.join(' '))
    expect(headers['x-signature']).toBe(sign(message.body, 'current'))
  })

  test('signs the bytes as they are', () => {
    const signer = createSigner('secret')
    expect(signer({ ...message, body: Buffer.of(0xff) })).not.toEqual(signer({ ...message, body: '\ufffd' }))
  })

  test.each(['', 'a.b', 'a b', 'a\n', 'ä', '\0', 'a\u007f'])('refuses the id %j', (id) => {
    expect(() => createSigner('secret')({ ...message, id })).toThrow(
      expect.objectContaining({ option: 'id' }),
    )
  })

  test('refuses a date that is none', () => {
    const sentAt = new Date(Number.NaN)
    expect(() => createSigner('secret')({ ...message, sentAt })).toThrow(
      expect.objectContaining({ option: 'sentAt' }),
    )
  })

  test.each(['', ' ', [], ['a', ''], 'whsec_?'])('refuses the secret %j when it is made', (secret) => {
    expect(() => createSigner(secret)).toThrow(OptionError)
  })

  test.each([
    ['message', undefined],
    ['message', null],
    ['id', { ...message, id: undefined }],
    ['sentAt', { ...message, sentAt: 1_700_000_000 }],
    ['sentAt', { ...message, sentAt: undefined }],
    ['body', { ...message, body: { a: 1 } }],
    ['body', { ...message, body: undefined }],
  ])('refuses what is no message by its %s', (option, wrong) => {
    expect(() => createSigner('secret')(wrong as never)).toThrow(expect.objectContaining({ option }))
  })
})
