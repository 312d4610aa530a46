import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { receiverVectors, type ReceiverVector } from '@taskhook/contract'
import { createVerifier, memoryDedupe, type VerifierOptions } from '@taskhook/core'
import { createIdentity, startRawReceiver, startReceiver } from '@taskhook/sender/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runOnTerminal } from '../../../testing/run-on-terminal.ts'
import { runPiped } from '../../../testing/run-piped.ts'
import { findFix } from './find-fix.ts'
import type { VectorResult } from './vector-result.ts'

const secret = 'the shared secret'
const env = { WEBHOOK_SECRET: secret }

/** What goes wrong in a receiver: it sees the request otherwise than it came, or answers with another status. */
interface Fault {
  options?: Partial<VerifierOptions>
  see?: (request: Seen) => Partial<Seen>
  answer?: (status: number, request: Seen) => number
}
interface Seen {
  headers: IncomingHttpHeaders
  url: string
  body: Buffer
}

/** A receiver that is right, but for the fault. */
async function startFaulty({ options, see, answer = (status) => status }: Fault = {}, tls?: object) {
  const verifier = createVerifier({ secret, contentType: 'required', dedupe: memoryDedupe(), ...options })
  const receiver = await startReceiver((request, response) => {
    const seen: Seen = {
      headers: request.headers,
      url: request.url ?? '',
      body: receiver.requests.at(-1)?.body ?? Buffer.alloc(0),
    }
    void verifier
      .handle({ ...seen, ...see?.(seen) }, () => {}, { onError: () => {} })
      .then(({ status }) => response.writeHead(answer(status, seen), { location: '/elsewhere' }).end())
  }, tls)
  return receiver
}

/** Checks a receiver that has a fault. */
async function check(fault?: Fault, ...flags: string[]) {
  const { url } = await startFaulty(fault)
  const { code, values, stderr } = await runPiped(['conformance', url, '--json', ...flags], { env })
  const results = values() as VectorResult[]
  const summary = results.pop()
  const failed = results.filter(({ result }) => result === 'failed')
  return { code, stderr, results, summary, failed, names: failed.map(({ name }) => name) }
}

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

describe('a receiver that is right', () => {
  test('passes every vector', async () => {
    const { code, results, summary, stderr } = await check()
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(results.length).toBeGreaterThan(70)
    expect(summary).toEqual({
      conforms: true,
      sent: results.length,
      passed: results.length,
      must: { failed: 0 },
      should: { failed: 0 },
      advised: 0,
      skipped: 0,
    })
  })

  test('passes with a key, and in a rotation', async () => {
    const options = { key: 'north', secret: [secret, 'former'] }
    const { code, results, names } = await check({ options }, '--key', 'north', '--previous-secret', 'former')
    expect({ code, names }).toEqual({ code: 0, names: [] })
    const sent = results.map(({ name }) => name)
    expect(sent).toEqual(expect.arrayContaining(['key', 'key-unknown', 'rotation-previous', 'rotation-both']))
    expect(sent).not.toContain('rotation-ended')
  })

  test('passes with a public key', async () => {
    const listed = await runPiped(['conformance', '--list', '--features', 'ed25519'])
    const [publicKey = ''] = /whpk_\S+/.exec(listed.stderr) ?? []
    const { code, results } = await check({ options: { secret: publicKey } }, '--features', 'ed25519')
    expect({ code, results: results.map(({ result }) => result) }).toEqual({
      code: 0,
      results: results.map(() => 'passed'),
    })
    expect(results.length).toBeGreaterThan(4)
  })

  test('is told in one line, with colour on a terminal', async () => {
    const { url } = await startFaulty()
    const only = ['--only', 'forged', '--only', 'x-signature']
    const { code, stdout } = await runPiped(['conformance', url, ...only], { env })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'conforms: 2 of 2 passed; failed: 0 must, 0 should; advice: 0\n',
    })
    const { screen } = await runOnTerminal(['conformance', url, ...only], {
      env: { ...env, TERM: 'xterm-256color' },
    })
    expect(screen).toContain('2 of 2: forged')
    expect(screen).toContain('\u001b[32mconforms\u001b[39m: 2 of 2 passed')
  })

  test('may have a certificate that is not trusted, unless that is asked for', async () => {
    const { privateKey, certificate } = createIdentity({ name: 'server' })
    const { url } = await startFaulty({}, { key: privateKey, cert: certificate })
    const argv = ['conformance', url, '--only', 'forged']
    expect((await runPiped(argv, { env })).code).toBe(0)
    expect(await runPiped([...argv, '--no-use-ssl-trust-all'], { env })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('CERT') as string,
    })
  })
})

describe('a receiver that is wrong', () => {
  const unsigned = ({ headers }: Seen): boolean =>
    !('x-signature' in headers || 'webhook-signature' in headers)
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
      must: ['white-space', 'escapes', 'white-space-added'],
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
      const { code, failed } = await check(fault, ...flags)
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
    const { code, failed } = await check({ answer: (status) => (status >= 400 ? 410 : status) })
    expect(code).toBe(1)
    expect(failed.find(({ name }) => name === 'forged')).toMatchObject({
      status: 410,
      fix: expect.stringContaining('senders stop at it') as string,
    })
  })

  test('throws where it should refuse: it is advised', async () => {
    const { code, results } = await check({ answer: (status) => (status >= 400 ? 500 : status) })
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
    const { code, results, summary } = await check(fault as Fault)
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

test('a receiver that cannot be reached is 4', async () => {
  const { code, stderr } = await runPiped(['conformance', 'http://127.0.0.1:1/'], { env })
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringContaining('cannot be reached (ECONNREFUSED)') as string,
  })
})

test('--list shows what would be sent, and sends nothing', async () => {
  const { code, stdout } = await runPiped(['conformance', '--list'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^must {4}unsigned {2,}There is no signature at all\.$/m)
  const { values } = await runPiped(['conformance', '--list', '--json', '--only', 'forged'])
  expect(values()).toMatchObject([
    { name: 'forged', level: 'must', expected: { outcome: 'refused', status: 401 } },
  ])
})

test.each([
  [['conformance'], 'say where the receiver is'],
  [['conformance', 'ftp://there'], 'say where the receiver is'],
  [['conformance', 'http://a/', '--only', 'forgd'], 'the nearest one is forged'],
  [['conformance', 'http://a/', '--features', 'x-signatur'], 'the nearest one is x-signature'],
  [['conformance', 'http://a/', '--features', 'ed25519,key'], 'ed25519 is checked alone'],
  [['conformance', 'http://a/', '--features', 'key'], 'needs --key'],
  [['conformance', 'http://a/', '-H', 'hush'], 'must be "Name: value"'],
  [['conformance', 'http://a/', '--count', '1'], 'need --sender'],
  [['conformance', 'http://a/', '--sender'], '--sender takes no URL'],
])('wrong usage: %j', async (argv, message) => {
  const { code, stdout, stderr } = await runPiped(argv, { env })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('hush')
})

test('without a secret it says where one is looked for', async () => {
  const { code, stderr } = await runPiped(['conformance', 'http://127.0.0.1:1/'])
  expect(code).toBe(2)
  expect(stderr).toContain('set WEBHOOK_SECRET')
  const other = await runPiped(['conformance', 'http://127.0.0.1:1/'], { env: { TASKHOOK_SECRET: 'a' } })
  expect(other.code).toBe(4)
})

test('each vector has a fix for the wrong answer', () => {
  const vectors = receiverVectors({ now: new Date(), secret, key: 'k', path: '/' })
  const isFixed = (vector: ReceiverVector): boolean =>
    (findFix(vector, vector.expected.outcome === 'refused' ? 200 : 400) ?? '').length > 20
  expect(vectors.filter((vector) => !isFixed(vector))).toEqual([])
})
