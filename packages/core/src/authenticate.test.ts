import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSigner } from './signature-headers.ts'
import { sign } from './signature.ts'
import type { Verification } from './verification.ts'
import { createVerifier } from './verifier.ts'
import type { VerifierOptions } from './verifier-options.ts'

const secret = 'correct horse battery staple'
const body = Buffer.from('{"orderId":"1","eventType":"OrderSigned","taskId":"1"}')
const nowInSeconds = 1_700_000_000
const now = (): number => nowInSeconds * 1000
const message = { id: 'msg_1', sentAt: new Date(now()), body }
const { 'x-signature': signature = '', ...standard } = createSigner(secret)(message)

async function verify(
  headers: Record<string, string | string[] | undefined>,
  options: Partial<VerifierOptions> = {},
): Promise<Verification> {
  return createVerifier({ secret, now, ...options }).verify({ headers, url: '/', body })
}

/** The `v1` signature of the message as a sender under `key` makes it. */
function version1(key = secret, signed = `msg_1.${nowInSeconds}.`): string {
  return `v1,${createHmac('sha256', key).update(signed).update(body).digest('base64')}`
}

/** The Standard Webhooks headers of the message, sent at another time. */
function sentAt(timestamp: string): Record<string, string> {
  return {
    ...standard,
    'webhook-timestamp': timestamp,
    'webhook-signature': version1(secret, `msg_1.${timestamp}.`),
  }
}

const missing = { code: 'signature_missing', status: 401 }
const malformed = { code: 'signature_malformed', status: 401 }
const mismatch = { code: 'signature_mismatch', status: 401 }
const timestampMissing = { code: 'timestamp_missing', status: 401 }

describe('a request', () => {
  test.each([
    ['X-Signature', { 'x-signature': signature }],
    ['webhook-signature', standard],
    ['both', { 'x-signature': signature, ...standard }],
  ])('is authentic with %s', async (_which, headers) => {
    expect(await verify(headers)).toMatchObject({ outcome: 'event' })
  })

  test('with neither is signature_missing', async () => {
    await expect(verify({})).rejects.toMatchObject(missing)
    await expect(verify({ 'x-signature': undefined, signature: signature })).rejects.toMatchObject(missing)
  })

  test('must have both right when it has both', async () => {
    const wrong = createSigner('another')(message)
    const onlyStandard = { ...standard, 'x-signature': wrong['x-signature'] }
    const onlySignature = { ...wrong, 'x-signature': signature }
    await expect(verify(onlyStandard)).rejects.toMatchObject(mismatch)
    await expect(verify(onlySignature)).rejects.toMatchObject(mismatch)
  })

  test('must have both well formed when it has both', async () => {
    await expect(verify({ ...standard, 'x-signature': '' })).rejects.toMatchObject(malformed)
    await expect(verify({ ...standard, 'x-signature': 'x' })).rejects.toMatchObject(malformed)
    await expect(
      verify({ ...standard, 'x-signature': signature, 'webhook-signature': '' }),
    ).rejects.toMatchObject(malformed)
  })
})

describe('X-Signature', () => {
  test('that comes twice is malformed, even when both are right', async () => {
    await expect(verify({ 'x-signature': `${signature}, ${signature}` })).rejects.toMatchObject(malformed)
    await expect(verify({ 'x-signature': [signature, signature] })).rejects.toMatchObject(malformed)
    await expect(verify({ 'x-signature': signature, 'X-Signature': signature })).rejects.toMatchObject(
      malformed,
    )
  })

  test('is accepted under any of several secrets', async () => {
    for (const one of ['current', 'previous']) {
      const headers = { 'x-signature': sign(body, one) }
      expect(await verify(headers, { secret: ['current', 'previous'] })).toMatchObject({ outcome: 'event' })
    }
    await expect(
      verify({ 'x-signature': signature }, { secret: ['current', 'previous'] }),
    ).rejects.toMatchObject(mismatch)
  })
})

describe('webhook-signature', () => {
  test('is accepted among others, wherever it is', async () => {
    const other = version1('another')
    for (const header of [`${other} ${version1()}`, `${version1()} ${other}`, `${other}  ${version1()} `]) {
      expect(await verify({ ...standard, 'webhook-signature': header })).toMatchObject({ outcome: 'event' })
    }
  })

  test('is accepted beside versions that are not known, and beside one that is malformed', async () => {
    for (const before of ['v1a,AAAA', 'v2,x', 'v99,', 'v1,short', 'rubbish']) {
      const headers = { ...standard, 'webhook-signature': `${before} ${version1()}` }
      expect(await verify(headers)).toMatchObject({ outcome: 'event' })
    }
  })

  test('of nothing but versions that are not known does not verify, even beside the right X-Signature', async () => {
    const headers = { ...standard, 'webhook-signature': `v1a,${version1().slice(3)} v2,x` }
    await expect(verify(headers)).rejects.toMatchObject(mismatch)
    await expect(verify({ ...headers, 'x-signature': signature })).rejects.toMatchObject(mismatch)
  })

  test.each([
    '',
    ' ',
    'v1',
    'v1,',
    'v1=AAAA',
    'v1,AAAA',
    version1().slice(3),
    version1().replace('=', '=='),
    `v1,${Buffer.from(signature, 'hex').toString('hex')}`,
    `v1,\u0141${version1().slice(4)}`,
    `${version1()}\0`,
    `${version1()},${version1()}`,
    'v1,AAAA v2,x',
  ])('that is %j is malformed', async (header) => {
    await expect(verify({ ...standard, 'webhook-signature': header })).rejects.toMatchObject(malformed)
  })

  test('is accepted without its padding', async () => {
    const headers = { ...standard, 'webhook-signature': version1().replace('=', '') }
    expect(await verify(headers)).toMatchObject({ outcome: 'event' })
  })

  test('is accepted under any of several secrets', async () => {
    const headers = { ...standard, 'webhook-signature': version1('previous') }
    expect(await verify(headers, { secret: ['current', 'previous'] })).toMatchObject({ outcome: 'event' })
  })

  test('binds the id, the time and the body', async () => {
    await expect(verify({ ...standard, 'webhook-id': 'msg_2' })).rejects.toMatchObject(mismatch)
    await expect(
      verify({ ...standard, 'webhook-timestamp': String(nowInSeconds + 1) }),
    ).rejects.toMatchObject(mismatch)
    await expect(
      createVerifier({ secret, now }).verify({
        headers: standard,
        url: '/',
        body: Buffer.concat([body, body]),
      }),
    ).rejects.toMatchObject(mismatch)
  })

  test('does not let a dot move from one part to the next', async () => {
    const moved = { ...standard, 'webhook-id': `msg_1.${nowInSeconds}`, 'webhook-timestamp': '{"a":1' }
    await expect(verify(moved)).rejects.toMatchObject(mismatch)
    const dotted = {
      ...standard,
      'webhook-id': 'a.1',
      'webhook-signature': version1(secret, `a.1.${nowInSeconds}.`),
    }
    expect(await verify(dotted)).toMatchObject({ webhook: { delivery: { id: 'a.1' } } })
    await expect(
      verify({ ...dotted, 'webhook-id': 'a', 'webhook-timestamp': `1.${nowInSeconds}` }),
    ).rejects.toMatchObject(timestampMissing)
  })

  test.each([
    ['webhook-signature', missing],
    ['webhook-timestamp', timestampMissing],
    ['webhook-id', malformed],
  ])(
    'and what goes with it is refused without %s, even beside the right X-Signature',
    async (name, refusal) => {
      const stripped = { ...standard, [name]: undefined }
      await expect(verify(stripped)).rejects.toMatchObject(refusal)
      await expect(verify({ ...stripped, 'x-signature': signature })).rejects.toMatchObject(refusal)
    },
  )

  test('with an empty or a second id or time is refused', async () => {
    await expect(verify({ ...standard, 'webhook-id': '' })).rejects.toMatchObject(malformed)
    await expect(verify({ ...standard, 'webhook-timestamp': '' })).rejects.toMatchObject(mismatch)
    await expect(verify({ ...standard, 'webhook-id': ['msg_1', 'msg_2'] })).rejects.toMatchObject(mismatch)
    const twice = { ...standard, 'webhook-timestamp': [String(nowInSeconds), String(nowInSeconds)] }
    await expect(verify(twice)).rejects.toMatchObject(mismatch)
  })
})

describe('webhook-timestamp', () => {
  test.each([-300, -1, 0, 1, 300])('may be %i s from now', async (differenceInSeconds) => {
    const timestampInSeconds = nowInSeconds + differenceInSeconds
    expect(await verify(sentAt(String(timestampInSeconds)))).toMatchObject({
      webhook: { delivery: { id: 'msg_1', sentAt: new Date(timestampInSeconds * 1000) } },
    })
  })

  test.each([
    [-301, 'past'],
    [301, 'future'],
    [-3600, 'past'],
    [3600, 'future'],
  ])('may not be %i s from now, in the %s', async (differenceInSeconds, direction) => {
    await expect(verify(sentAt(String(nowInSeconds + differenceInSeconds)))).rejects.toMatchObject({
      code: 'timestamp_out_of_tolerance',
      status: 401,
      message: expect.stringContaining(`${Math.abs(differenceInSeconds)} s in the ${direction}`),
    })
  })

  test('is compared in whole seconds, as it is written', async () => {
    expect(await verify(standard, { now: () => now() + 300_999 })).toMatchObject({ outcome: 'event' })
    await expect(verify(standard, { now: () => now() + 301_000 })).rejects.toMatchObject({
      code: 'timestamp_out_of_tolerance',
    })
  })

  test('may be as far from now as the option says', async () => {
    const options = { toleranceInSeconds: 0 }
    expect(await verify(standard, options)).toMatchObject({ outcome: 'event' })
    for (const other of [nowInSeconds - 1, nowInSeconds + 1]) {
      await expect(verify(sentAt(String(other)), options)).rejects.toMatchObject({
        code: 'timestamp_out_of_tolerance',
      })
    }
  })

  test('is out of tolerance when the clock gives no number', async () => {
    await expect(verify(standard, { now: () => Number.NaN })).rejects.toMatchObject({
      code: 'timestamp_out_of_tolerance',
    })
  })

  test.each([
    '',
    'x',
    '-1700000000',
    '+1700000000',
    '1700000000.5',
    '1.7e9',
    ' 1700000000',
    '0x6553f100',
    '1700000000000',
    '2023-11-14T22:13:20Z',
    'Infinity',
    '\u0661700000000',
  ])('that is %j is no time, even when it is signed', async (timestamp) => {
    await expect(verify(sentAt(timestamp))).rejects.toMatchObject(timestampMissing)
  })

  test('is not looked at before the signature', async () => {
    await expect(verify({ ...standard, 'webhook-timestamp': '0' })).rejects.toMatchObject(mismatch)
  })
})

describe("replayProtection: 'required'", () => {
  const required = { replayProtection: 'required' } as const

  test('takes what has the Standard Webhooks headers', async () => {
    expect(await verify(standard, required)).toMatchObject({ outcome: 'event' })
    expect(await verify({ ...standard, 'x-signature': signature }, required)).toMatchObject({
      outcome: 'event',
    })
  })

  test('refuses what lacks them, so that stripping them does not help', async () => {
    await expect(verify({ 'x-signature': signature }, required)).rejects.toMatchObject(timestampMissing)
  })
})
