import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import { signedRequest } from '@taskhook/core/testing'
import { startReceiver } from '@taskhook/sender/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../../run.ts'
import { spawnCli } from '../../testing/spawn-cli.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'

const secret = 'the shared secret'
const env = { TASKHOOK_SECRET: secret }

/** A `listen` that runs until the test is over. */
async function startListen(...flags: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const end = new AbortController()
  const ended = run(['listen', ...flags], {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env,
    signal: end.signal,
  })
  onTestFinished(async () => {
    end.abort()
    await ended
  })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => (await lines.next()).value as string
  const url = /http:\/\/[\d.:]+/.exec(await nextLine())?.[0] ?? ''
  return { url, nextLine, ended, end: () => end.abort() }
}

/** Posts an event. */
function post(base: string, options: Partial<Parameters<typeof signedRequest>[0]> = {}): Promise<Response> {
  const { url, method, headers, body } = signedRequest({
    secret,
    taskId: '07c6ad8c',
    eventType: 'OrderSigned',
    id: 'msg_1',
    ...options,
  })
  return fetch(new URL(url, base), { method, headers, body: body as string })
}

describe('listen', () => {
  test('says where it listens, then what arrives, and answers 204', async () => {
    const { url, nextLine } = await startListen()
    expect((await post(url, { key: 'north' })).status).toBe(204)
    expect(await nextLine()).toMatch(
      /^\d\d:\d\d:\d\d verified OrderSigned of task 07c6ad8c \(msg_1, sent 20.*\) -> 204$/,
    )
  })

  test('refuses as a receiver does, and says why', async () => {
    const { url, nextLine } = await startListen('--explain')
    const answer = await post(url, { secret: `${secret}\n` })
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'signature_mismatch' }])
    expect(await nextLine()).toMatch(/ refused signature_mismatch: .* -> 401$/)
    expect(await nextLine()).toMatch(/^ {2}secret_extra_characters: /)
    expect(await nextLine()).toMatch(/^ {4}fix: /)
    expect((await post(url)).status).toBe(204)
    expect(await nextLine()).toMatch(/verified/)
  })

  test('prints JSON, a value a line, without the key, the secret or what is internal', async () => {
    const { url, nextLine } = await startListen('--json')
    await post(url, { key: 'hush' })
    const line = await nextLine()
    expect(line).not.toMatch(/hush|secret|tenant/)
    expect(JSON.parse(line)).toEqual({
      at: expect.any(String) as string,
      outcome: 'verified',
      taskId: '07c6ad8c',
      eventType: 'OrderSigned',
      delivery: { id: 'msg_1', sentAt: expect.any(String) as string },
      answered: 204,
    })
  })

  test('answers with the codes that are asked for, the last one again and again', async () => {
    const { url } = await startListen('--status', '500,429,200')
    const statuses: number[] = []
    for (let index = 0; index < 4; index += 1) {
      // oxlint-disable-next-line no-await-in-loop
      statuses.push((await post(url)).status)
    }
    expect(statuses).toEqual([500, 429, 200, 200])
  })

  test('ends after a number of requests', async () => {
    const { url, ended } = await startListen('--count', '2')
    await post(url)
    await post(url)
    expect(await ended).toBe(0)
  })
})

test('has colour on a terminal', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const running = runOnTerminal(['listen', '--port', String(port), '--count', '1'], {
    env: { ...env, TERM: 'xterm-256color' },
  })
  const postOnce = (): Promise<number> =>
    post(`http://127.0.0.1:${port}`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(postOnce, { timeout: 20_000 }).toBe(204)
  const { code, screen } = await running
  expect(code).toBe(0)
  expect(screen).toMatch(/^listening on /)
  expect(screen).toContain('\u001b[32mverified\u001b[39m OrderSigned')
})

describe('listen --forward-to', () => {
  test('hands on every byte, and gives the answer back', async () => {
    const { requests, url: receiver } = await startReceiver((_request, response) => {
      response.writeHead(202, { 'x-answer': 'yes' }).end('stored')
    })
    const { url, nextLine } = await startListen('--forward-to', new URL(receiver).origin)
    const body = '{ "taskId":"ü", "eventType":"OrderSigned" }'
    const answer = await post(url, { body, key: 'north' })
    expect([answer.status, answer.headers.get('x-answer'), await answer.text()]).toEqual([
      202,
      'yes',
      'stored',
    ])
    expect(requests[0]?.body.toString()).toBe(body)
    expect(requests[0]?.request).toMatchObject({
      method: 'POST',
      url: '/automation/?key=north',
      headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
    })
    expect(await nextLine()).toMatch(/verified OrderSigned of task ü .* -> 202$/)
  })

  test('hands on what it would refuse, and keeps a path that is given', async () => {
    const { requests, url: receiver } = await startReceiver()
    const { url, nextLine } = await startListen('--forward-to', `${receiver}/other`)
    expect((await post(url, { secret: 'another' })).status).toBe(200)
    expect(requests[0]?.request.url).toBe('/automation/other')
    expect(await nextLine()).toMatch(/refused signature_mismatch.* -> 200$/)
  })

  test('is a 502 when nothing listens there', async () => {
    const { url, nextLine } = await startListen('--forward-to', 'http://127.0.0.1:1/')
    expect((await post(url)).status).toBe(502)
    expect(await nextLine()).toMatch(/ -> 502: the receiver cannot be reached \(ECONNREFUSED\)$/)
  })
})

test('without a secret it says that nothing is verified', async () => {
  const end = new AbortController()
  const stdout = new PassThrough()
  const ended = run(['listen'], {
    stdout,
    stderr: new PassThrough(),
    stdin: new PassThrough(),
    env: {},
    signal: end.signal,
  })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const first = (await lines.next()).value as string
  expect(first).toContain('without a secret: nothing is verified')
  await post(/http:\/\/[\d.:]+/.exec(first)?.[0] ?? '', { secret: false })
  expect((await lines.next()).value).toMatch(/not verified POST, \d+ bytes -> 204$/)
  end.abort()
  expect(await ended).toBe(0)
})

test.each([
  [['--port', 'x'], '--port must be a whole number'],
  [['--status', '99'], '--status must be codes'],
  [['--forward-to', 'there'], '--forward-to must be'],
  [['--forward-to', 'http://127.0.0.1:1', '--status', '200'], 'exclude each other'],
])('wrong usage: %j', async (flags, message) => {
  const { code, stdout, stderr } = await runPiped(['listen', ...flags])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})

test('Ctrl-C ends it at once', async () => {
  const child = spawnCli(['listen', '--json'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('exit', resolve)
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGINT')
  expect(await promise).toBe(130)
})
