import { createVerifier } from '@taskhook/core'
import { createIdentity, startReceiver, writePem } from '@taskhook/sender/testing'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { writeFiles } from '../testing/write-files.ts'

const secret = 'the shared secret'
const env = { TASKHOOK_SECRET: secret }

describe('send', () => {
  test('makes the request of the service, which the receiver verifies', async () => {
    const { requests, url } = await startReceiver()
    const argv = [
      'send',
      url,
      '--task-id',
      '07c6ad8c',
      '--event-type',
      'OrderSigned',
      '--id',
      'msg_1',
      '--json',
    ]
    const { code, values, stderr } = await runPiped([...argv, '--key', 'north', '-H', 'X-Extra: 1'], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(values()).toMatchObject([
      {
        outcome: 'delivered',
        status: 200,
        durationInMs: expect.any(Number) as number,
        delivery: { id: 'msg_1' },
        taskId: '07c6ad8c',
        eventType: 'OrderSigned',
      },
    ])
    const [{ request, body } = expect.unreachable()] = requests
    expect(request.headers).toMatchObject({
      'x-extra': '1',
      'user-agent': expect.stringMatching(/^taskhook\//) as string,
    })
    const verifier = createVerifier({
      secret,
      key: 'north',
      replayProtection: 'required',
      contentType: 'required',
    })
    const verification = await verifier.verify({ headers: request.headers, url: request.url ?? '', body })
    expect(verification).toMatchObject({
      webhook: { event: { taskId: '07c6ad8c', eventType: 'OrderSigned' }, delivery: { id: 'msg_1' } },
    })
  })

  test('has an event of its own, and one line for a person', async () => {
    const { requests, url } = await startReceiver((_request, response) =>
      response.end('thank you\n\u001b[2Jmore'),
    )
    const { code, stdout } = await runPiped(['send', url])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^delivered OrderAccepted of task [0-9a-f-]{36}: 200 \(\d+ ms\)\n {2}thank you\n {2}\\u001b\[2Jmore\n$/,
    )
    expect(requests[0]?.request.headers).not.toHaveProperty('x-signature')
  })

  test('is coloured on a terminal', async () => {
    const { url } = await startReceiver()
    const { screen } = await runOnTerminal(['send', url, '--task-id', 'a'])
    expect(screen).toContain('\u001b[32mdelivered\u001b[39m OrderAccepted of task a: 200')
  })

  test('takes everything from a configuration, and the command line wins', async () => {
    const { requests, url } = await startReceiver()
    const webHook = {
      enabled: true,
      id: 'crm',
      endpoint: 'http://127.0.0.1:1/',
      key: 'north',
      secret: '${HUSH}',
    }
    const [file = ''] = await writeFiles(
      JSON.stringify({ webHook: { ...webHook, headers: { 'x-one': '1' } } }),
    )
    const given = { env: { HUSH: secret } }
    expect((await runPiped(['send', '--config', file], given)).code).toBe(4)
    const argv = ['send', url, '--config', file, '--endpoint', 'crm', '--header', 'X-Two: 2']
    expect((await runPiped(argv, given)).code).toBe(0)
    expect(requests[0]?.request).toMatchObject({
      url: '/automation/?key=north',
      headers: { 'x-one': '1', 'x-two': '2', 'x-signature': expect.any(String) as string },
    })
  })
})

describe('what is not delivered', () => {
  test.each([
    [401, 'not delivered OrderAccepted of task a: 401 the receiver refuses the request'],
    [410, 'not delivered OrderAccepted of task a: 410'],
    [503, 'not delivered OrderAccepted of task a: 503'],
  ])('an answer of %i is 1', async (status, line) => {
    const { url } = await startReceiver((_request, response) => response.writeHead(status).end('why not'))
    const { code, stdout } = await runPiped(['send', url, '--task-id', 'a'], { env })
    expect(code).toBe(1)
    expect(stdout).toContain(line)
    expect(stdout).toContain('  why not\n')
    expect(stdout).not.toContain(secret)
  })

  test('a receiver that cannot be reached is 4, and says why', async () => {
    const { code, values } = await runPiped(['send', 'http://127.0.0.1:1/', '--json'])
    expect(code).toBe(4)
    expect(values()).toMatchObject([{ outcome: 'retry', errorCode: 'connection_refused' }])
  })

  test('a certificate that is not trusted is 4, and with the authority it is delivered', async () => {
    const root = createIdentity({ name: 'root', isAuthority: true })
    const server = createIdentity({ name: 'server', issuer: root, hosts: ['127.0.0.1'] })
    const { url } = await startReceiver(undefined, { key: server.privateKey, cert: server.certificate })
    const verifying = ['send', url, '--no-use-ssl-trust-all']
    const untrusted = await runPiped(verifying)
    expect(untrusted).toMatchObject({ code: 4, stdout: expect.stringContaining('tls_untrusted') as string })
    const trusted = await runPiped([...verifying, '--ssl-trust-file', await writePem(root.certificate)])
    expect(trusted).toMatchObject({ code: 0 })
  })

  test('a client certificate is shown', async () => {
    const client = createIdentity({ name: 'client', isAuthority: true })
    const server = createIdentity({ name: 'server' })
    const tls = {
      key: server.privateKey,
      cert: server.certificate,
      ca: client.certificate,
      requestCert: true,
    }
    const { url } = await startReceiver(undefined, tls)
    expect((await runPiped(['send', url])).code).not.toBe(0)
    const sslKeyFile = await writePem(client.privateKey, client.certificate)
    expect((await runPiped(['send', url, '--use-ssl-client-cert', '--ssl-key-file', sslKeyFile])).code).toBe(
      0,
    )
  })

  test('Ctrl-C ends it', async () => {
    const interrupted = new AbortController()
    const { url } = await startReceiver(() => interrupted.abort())
    const { code, values } = await runPiped(['send', url, '--json'], { signal: interrupted.signal })
    expect({ code, values: values() }).toMatchObject({ code: 1, values: [{ errorCode: 'aborted' }] })
  })
})

test.each([
  [['send'], 2, 'say where to send'],
  [['send', 'ftp://there/'], 2, 'webHook configuration'],
  [['send', 'http://127.0.0.1:1/', '--event-type', 'OrderSined'], 2, 'the nearest one is OrderSigned'],
  [['send', 'http://127.0.0.1:1/', '--task-id', ''], 2, 'taskId'],
  [['send', 'http://127.0.0.1:1/', '-H', 'hush'], 2, 'must be "Name: value"'],
  [['send', 'http://127.0.0.1:1/', '--endpoint', 'a'], 2, '--endpoint needs --config'],
  [['send', 'http://127.0.0.1:1/', '--ssl-trust-file', '/nowhere'], 4, 'connection_refused'],
])('%j ends with %i', async (argv, code, message) => {
  const run = await runPiped(argv)
  expect(run.code).toBe(code)
  expect(run.stdout + run.stderr).toContain(message)
  expect(run.stdout + run.stderr).not.toContain('hush')
})
