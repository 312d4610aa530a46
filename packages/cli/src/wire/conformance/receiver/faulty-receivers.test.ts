import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startRawReceiver } from '@taskhook/sender/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runPiped } from '../../../testing/run-piped.ts'
import { checkFaulty, env, secret, startFaulty, type Fault, type Seen } from './testing/faulty-receiver.ts'

function parse(body: Buffer): Buffer {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(body.toString())))
  } catch {
    return body
  }
}

const withoutStandard = ({ headers }: Seen): Partial<Seen> => ({
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('webhook-'))),
})

const unsigned = ({ headers }: Seen): boolean => !('x-signature' in headers || 'webhook-signature' in headers)

describe('a receiver that is wrong', () => {
  const faults: Record<
    string,
    Fault & { must?: string[]; should?: string[]; fix: RegExp; flags?: string[] }
  > = {
    'takes what is not signed': {
      answer: (status, seen) => (unsigned(seen) ? 200 : status),
      must: ['unsigned'],
      fix: /neither X-Signature nor webhook-signature/,
    },
    'writes JSON anew before it verifies': {
      see: ({ body }) => ({ body: parse(body) }),
      must: ['white-space', 'escapes', 'white-space-added', 'replaced-byte'],
      fix: /Verify the bytes as they came/,
    },
    'verifies the decoded text': {
      see: ({ body }) => ({ body: Buffer.from(body.toString()) }),
      must: ['replaced-byte'],
      fix: /Verify the bytes as they came/,
    },
    'takes a byte order mark away before it verifies': {
      see: ({ body }) => ({ body: Buffer.from(new TextDecoder().decode(body)) }),
      must: ['byte-order-mark', 'replaced-byte', 'byte-order-mark-added'],
      fix: /Verify the bytes as they came/,
    },
    'ignores timestamps': {
      options: { toleranceInSeconds: 10_000 },
      must: ['replay-too-old', 'sent-in-the-future'],
      fix: /more than 300 seconds away in either direction/,
    },
    'has a tolerance in one direction alone': {
      answer: (status, { headers }) =>
        status === 401 && Number(headers['webhook-timestamp']) > Date.now() / 1000 + 600 ? 204 : status,
      must: ['sent-in-the-future'],
      fix: /either direction/,
    },
    'answers 500 to events that it does not know': {
      answer: (status, { body }) => (body.includes('OrderArchived') ? 500 : status),
      should: ['event-unknown-ignored'],
      fix: /Acknowledge an event type that you do not know .* A 500 is a failure of the receiver itself/,
    },
    'verifies one of two signatures': {
      see: ({ headers }) =>
        'x-signature' in headers && 'webhook-signature' in headers
          ? withoutStandard({ headers } as Seen)
          : {},
      must: [
        'standard-forged',
        'replay-new-id',
        'replay-new-time',
        'standard-without-id',
        'standard-without-timestamp',
        'replay-too-old',
        'sent-in-the-future',
      ],
      fix: /Verify every signature that a request carries/,
    },
    'compares as much of a signature as there is': {
      see: ({ headers }) =>
        headers['x-signature']?.length === 62 ? { headers: { ...headers, 'x-signature': undefined } } : {},
      answer: (status, { headers }) => (headers['x-signature']?.length === 62 ? 200 : status),
      must: ['signature-too-short'],
      fix: /exactly 32 bytes/,
    },
    'knows hex in lower case alone': {
      answer: (status, { headers }) =>
        /^[\da-f]{64}$/.test(String(headers['x-signature'] ?? '0'.repeat(64))) ? status : 401,
      should: ['upper-case', 'base64', 'base64-unpadded', 'base64url', 'sha256-prefix'].map(
        (form) => `x-signature-${form}`,
      ),
      fix: /Decode the header as hex in either case/,
    },
    'refuses a repeat': {
      answer: (() => {
        const seen = new Set<unknown>()
        return (status: number, { headers }: Seen) => {
          const id = headers['webhook-id']
          if (status >= 300 || id === undefined) return status
          return seen.size === seen.add(id).size ? 409 : status
        }
      })(),
      // The plain request is sent again after the body that breaks off, without a webhook-id.
      must: ['repeat-of-handled'],
      fix: /Answer a repeat of what was handled with a 2xx/,
    },
    'takes any key': {
      flags: ['--key', 'north'],
      must: ['key-missing', 'key-unknown'],
      fix: /Compare \?key=/,
    },
    'still knows the secret of before': {
      options: { secret: [secret, 'the secret before this one'] },
      flags: ['--features', 'x-signature,rotation'],
      must: ['rotation-ended'],
      fix: /Take the old secret away/,
    },
  }

  test.each(Object.entries(faults))(
    '%s: it is named',
    async (_name, { must = [], should = [], fix, flags = [], ...fault }) => {
      const { code, failed } = await checkFaulty(fault, ...flags)
      const named = (level: string): string[] =>
        failed
          .filter((one) => one.level === level)
          .map(({ name }) => name)
          .toSorted()
      expect({ must: named('must'), should: named('should') }).toEqual({
        must: must.toSorted(),
        should: should.toSorted(),
      })
      expect(failed.map((one) => one.fix).join('\n')).toMatch(fix)
      expect(code).toBe(must.length > 0 ? 1 : 0)
    },
  )

  test('answers 410 where it refuses: it would end all sending', async () => {
    const { code, failed } = await checkFaulty({ answer: (status) => (status >= 400 ? 410 : status) })
    expect(code).toBe(1)
    expect(failed.find(({ name }) => name === 'forged')).toMatchObject({
      status: 410,
      fix: expect.stringContaining('senders stop at it') as string,
    })
  })

  test('throws where it should refuse: it is advised', async () => {
    const { code, results } = await checkFaulty({ answer: (status) => (status >= 400 ? 500 : status) })
    expect(code).toBe(0)
    expect(results.find(({ name }) => name === 'forged')).toEqual({
      name: 'forged',
      level: 'must',
      result: 'advised',
      expected: { outcome: 'refused', status: 401 },
      status: 500,
      advice: expect.stringContaining('401 says more') as string,
      fix: expect.stringContaining('an exception is no refusal') as string,
    })
  })

  test('knows X-Signature alone: it is told how that is checked', async () => {
    const { url } = await startFaulty({ see: withoutStandard })
    const { code, stdout } = await runPiped(['conformance', url], { env })
    expect(code).toBe(1)
    expect(stdout).toContain('to check the rest: --features x-signature')
    expect(stdout).toMatch(
      /^must {3}replay-too-old: The request was sent 310 seconds ago\. It was taken with 204/m,
    )
    expect(stdout).toMatch(/^ {7}fix: Compare webhook-timestamp/m)
    expect(stdout).toMatch(/^does not conform: \d+ of \d+ passed; failed: \d+ must, 0 should; advice: 0$/m)
    expect((await runPiped(['conformance', url, '--features', 'x-signature'], { env })).code).toBe(0)
  })

  test.each([
    [
      'has another secret',
      { options: { secret: 'another' } },
      401,
      /Compare the secret with that of the sender/,
    ],
    ['redirects', { answer: () => 307 }, 307, /senders follow no redirect/],
  ])('%s: nothing else is sent', async (_name, fault, status, fix) => {
    const { code, results, summary } = await checkFaulty(fault)
    expect(code).toBe(1)
    expect(results).toMatchObject([{ name: 'x-signature', result: 'failed', status }])
    expect(results[0]?.fix).toMatch(fix)
    expect(summary).toMatchObject({ conforms: false, sent: 1 })
  })

  test('does not survive a body that breaks off: the request after it shows that', async () => {
    let isDown = false
    const server = createServer((request, response) => {
      request
        .once('error', () => (isDown = true))
        .once('end', () => response.writeHead(isDown ? 503 : 204).end())
      request.resume()
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { code, values } = await runPiped(['conformance', url, '--only', 'body-cut-short', '--json'], {
      env,
    })
    expect(code).toBe(1)
    expect(values()).toMatchObject([{ name: 'body-cut-short', result: 'failed' }, { conforms: false }])
  })

  test('closes the connection without an answer', async () => {
    const { url } = await startRawReceiver((socket) => void socket.destroy())
    const { code, values } = await runPiped(['conformance', url, '--json'], { env })
    expect(code).toBe(1)
    expect(values()).toMatchObject([
      {
        name: 'x-signature',
        result: 'failed',
        advice: expect.stringContaining('without an answer') as string,
      },
      { conforms: false },
    ])
  })
})
