import { createSigner, encodeTaskEvent, generateEd25519Keys, sign } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { writeFiles } from '../testing/write-files.ts'

const secret = 'the shared secret'
const env = { TASKHOOK_SECRET: secret }
const body = encodeTaskEvent({ taskId: '07c6ad8c', eventType: 'OrderSigned' })
const sentAt = new Date('2026-11-29T12:00:00Z')
const now = (): number => sentAt.getTime() + 1000
const headers = createSigner(secret)({ id: 'msg_1', sentAt, body })

/** A request as it went over the wire. */
function record(given: Record<string, string>, text: string | Buffer, lineBreak = '\r\n'): Buffer {
  const lines = Object.entries({ Host: '127.0.0.1', 'Content-Type': 'application/json', ...given })
  const head = [
    'POST /automation?key=north HTTP/1.1',
    ...lines.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(head.join(lineBreak)), Buffer.from(text as string)])
}

async function verify(request: string | Buffer, ...flags: string[]) {
  const [file = ''] = await writeFiles(request)
  return runPiped(['verify', file, ...flags], { env, now })
}

describe('verify', () => {
  test('says what is in a request that is right, and no more', async () => {
    const { code, values, stderr } = await verify(record(headers, body), '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(values()).toEqual([
      {
        outcome: 'verified',
        taskId: '07c6ad8c',
        eventType: 'OrderSigned',
        delivery: { id: 'msg_1', sentAt: sentAt.toISOString() },
      },
    ])
  })

  test('is one line in a pipe, and has colour on a terminal', async () => {
    const line = 'verified OrderSigned of task 07c6ad8c (msg_1, sent 2026-11-29T12:00:00.000Z)\n'
    expect(await verify(record(headers, body))).toMatchObject({ code: 0, stdout: line })
    const [file = ''] = await writeFiles(record(headers, body))
    const { screen } = await runOnTerminal(['verify', file], { env: { ...env, TERM: 'xterm-256color' }, now })
    expect(screen).toBe(line.replace('verified', '\u001b[32mverified\u001b[39m'))
  })

  test.each([
    [
      'lines that end in LF, and one behind the body',
      record({ ...headers, 'Content-Length': String(body.length) }, `${body}\n`, '\n'),
    ],
    [
      'chunks',
      record(
        { ...headers, 'Transfer-Encoding': 'chunked' },
        `5;x=y\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
      ),
    ],
    [
      'no request line',
      Buffer.from(
        record(headers, body)
          .toString()
          .replace(/^.*\r\n/, ''),
      ),
    ],
  ])('reads a request with %s', async (_name, request) => {
    expect(await verify(request)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^verified/) as string,
    })
  })

  test('takes the parts of a request, as curl has them, and the body from stdin or a file', async () => {
    const flags = ['verify', '-H', `X-Signature: ${sign(body, secret)}`]
    expect(await runPiped(flags, { env, input: body })).toMatchObject({ code: 0 })
    const [file = ''] = await writeFiles(body)
    const signature = `x-signature:${sign(body, secret)}`
    expect(await runPiped(['verify', '--header', signature, '--body', file], { env })).toMatchObject({
      code: 0,
    })
  })

  test('an event of a type that is not known is authentic', async () => {
    const unknown = '{"eventType":"OrderPrinted","taskId":"1"}'
    const { code, values } = await verify(record({ 'X-Signature': sign(unknown, secret) }, unknown), '--json')
    expect({ code, values: values() }).toEqual({
      code: 0,
      values: [{ outcome: 'ignored', eventType: 'OrderPrinted' }],
    })
  })

  test('a public key verifies what the private one signed', async () => {
    const { privateKey, publicKey } = generateEd25519Keys()
    const signed = createSigner(privateKey)({ id: 'msg_1', sentAt, body })
    const [file = ''] = await writeFiles(record(signed, body))
    expect(await runPiped(['verify', file, '--secret', publicKey], { now })).toMatchObject({ code: 0 })
    const other = await runPiped(['verify', file, '--secret', generateEd25519Keys().publicKey, '--explain'], {
      now,
    })
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('another key pair') as string })
  })
})

describe('a request that is refused', () => {
  test('is 1, with its code, and --explain is named', async () => {
    const { code, values, stderr } = await verify(
      record({ 'X-Signature': sign(body, 'other') }, body),
      '--json',
    )
    expect(code).toBe(1)
    expect(values()).toMatchObject([{ outcome: 'refused', code: 'signature_mismatch', status: 401 }])
    expect(stderr).toBe('--explain says why\n')
  })

  test('is explained: cause and fix, for a person and for a program', async () => {
    const request = record({ 'X-Signature': sign(JSON.stringify(JSON.parse(body), null, 2), secret) }, body)
    const { code, stdout } = await verify(request, '--explain')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^refused signature_mismatch: .*\n {2}json_whitespace: The JSON was written anew .* indented by two blanks\.\n {4}fix: Verify the bytes/,
    )
    const { values } = await verify(request, '--explain', '--json')
    expect(values()).toMatchObject([
      {
        outcome: 'refused',
        explanation: {
          signatures: [{ header: 'x-signature', outcome: 'explained' }],
          causes: [{ code: 'json_whitespace' }],
          clues: [],
        },
      },
    ])
  })

  test('names which of the secrets to try it was', async () => {
    const request = record({ 'X-Signature': sign(body, 'hush two') }, body)
    const { stdout, stderr } = await verify(
      request,
      '--explain',
      '--try-secret',
      'hush one',
      '--try-secret',
      'hush two',
    )
    expect(stdout).toContain(
      'secret_alternative: The request was signed with another of the secrets that were given to try: number 2.',
    )
    expect(stdout + stderr).not.toMatch(/hush|shared/)
  })

  test('is explained by its clock, and --at takes the clock away', async () => {
    const [file = ''] = await writeFiles(record(headers, body))
    const later = { env, now: () => sentAt.getTime() + 2 * 3_600_000 }
    const { code, stdout } = await runPiped(['verify', file, '--explain'], later)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^refused timestamp_out_of_tolerance/)
    expect(stdout).toMatch(/clock_off: .*2 hours old, which is whole hours/)
    for (const at of ['recorded', sentAt.toISOString()]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await runPiped(['verify', file, '--at', at], later)).toMatchObject({ code: 0 })
    }
  })

  test('has milliseconds for seconds', async () => {
    const timestamp = String(sentAt.getTime())
    const signed = { ...headers, 'webhook-timestamp': timestamp }
    expect(await verify(record(signed, body), '--explain')).toMatchObject({
      stdout: expect.stringContaining('timestamp_milliseconds') as string,
    })
  })

  test('and not explained has clues, of which nothing is proven', async () => {
    const given = { 'X-Signature': sign('something else', 'something else'), 'Content-Length': '500' }
    const { stdout } = await verify(record(given, body), '--explain')
    expect(stdout).toMatch(/x-signature: nothing that was tried explains it/)
    expect(stdout).toMatch(
      /perhaps: Content-Length is 500, and the body here has 68 bytes: the body was cut\./,
    )
  })

  test('without a signature tells of one that has another name', async () => {
    const { stdout } = await verify(record({ 'X-Hub-Signature-256': 'sha256=00' }, body), '--explain')
    expect(stdout).toMatch(/^refused signature_missing/)
    expect(stdout).toContain('there is x-hub-signature-256: another kind of webhook')
  })
})

test('a request that is right tells where to look next, on stderr', async () => {
  const { code, stderr } = await verify(record(headers, body), '--explain')
  expect(code).toBe(0)
  expect(stderr).toMatch(/nothing is wrong with this request and this secret/)
})

test('control characters from a request do not reach a terminal', async () => {
  const hostile = JSON.stringify({ taskId: 'a', eventType: '\u001b[2J' })
  const { stdout } = await verify(record({ 'X-Signature': sign(hostile, secret) }, hostile))
  expect(stdout).not.toContain('\u001b')
})

test.each([
  [['verify', '-H', 'hush'], 'must be "Name: value"'],
  [['verify', 'a.http', '--body', 'b.json'], 'give the whole request as a file, or its parts'],
  [['verify', '--at', 'recorded'], 'at: must be a time'],
])('wrong usage: %j', async (argv, message) => {
  const [file = ''] = await writeFiles(record({}, body))
  const { code, stdout, stderr } = await runPiped(argv[1] === '--at' ? [...argv, file] : argv, {
    env,
    input: body,
  })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('hush')
})

test('what is no request is wrong usage', async () => {
  const { code, stderr } = await runPiped(['verify'], { env, input: body })
  expect(code).toBe(2)
  expect(stderr).toContain('this is no recorded request')
})
