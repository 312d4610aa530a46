import { createIdentity, startReceiver, writePem } from '@taskhook/sender/testing'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { writeFiles } from '../testing/write-files.ts'

const secret = 'hush, the shared secret'
const now = (): number => Date.parse('2026-11-29T12:00:00Z')
const root = createIdentity({ name: 'root', isAuthority: true, notAfter: new Date('2100-01-01') })
const server = createIdentity({
  name: 'server',
  issuer: root,
  hosts: ['127.0.0.1'],
  notAfter: new Date('2100-01-01'),
})

const section = { enabled: true, id: 'crm', endpoint: 'http://127.0.0.1:1/automation', key: 'north', secret }

async function check(webHook: unknown, ...flags: string[]) {
  const [file = ''] = await writeFiles(JSON.stringify({ webHook }))
  return runPiped(['check', file, ...flags], { now, env: { HUSH: secret } })
}

describe('check', () => {
  test('finds nothing wrong with a section that is right', async () => {
    const { code, stdout, stderr } = await check(section)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe('crm http://127.0.0.1:1/automation ok\n')
  })

  test('prints one JSON value an endpoint, without its secret and its key', async () => {
    const { code, stdout, values } = await check(
      [section, { ...section, id: 'two', secret: '${HUSH}' }],
      '--json',
    )
    expect(code).toBe(0)
    expect(values()).toEqual(
      ['crm', 'two'].map((endpointId) => ({
        endpointId,
        url: 'http://127.0.0.1:1/automation',
        enabled: true,
        findings: [],
        certificates: [],
      })),
    )
    expect(stdout).not.toMatch(/hush|north/)
  })

  test('has colour on a terminal', async () => {
    const [file = ''] = await writeFiles(JSON.stringify({ webHook: section }))
    const { code, screen } = await runOnTerminal(['check', file], { now })
    expect(code).toBe(0)
    expect(screen).toContain('\u001b[32mok\u001b[39m')
  })

  test('lists every problem of a section, with its place', async () => {
    const wrong = { ...section, endpoint: 'ftp://there', conectionTimeout: 'PT1S', secret: '${NOT_SET}' }
    const { code, values } = await check(wrong, '--json')
    expect(code).toBe(1)
    const [{ findings }] = values() as [{ findings: { path: string; code: string }[] }]
    expect(findings.map(({ path }) => path).toSorted((one, other) => one.localeCompare(other))).toEqual([
      'webHook.conectionTimeout',
      'webHook.endpoint',
      'webHook.secret',
    ])
    const { stdout } = await check(wrong)
    expect(stdout).toMatch(/^error 3 problems in the webHook section/)
    expect(stdout).toContain('NOT_SET is not set')
  })

  test.each([
    ['{', 'is not JSON'],
    ['{}', 'has no "webHook" section'],
  ])('a file that is no configuration is 1: %s', async (text, message) => {
    const [file = ''] = await writeFiles(text)
    const { code, stdout } = await runPiped(['check', file])
    expect(code).toBe(1)
    expect(stdout).toContain(message)
  })

  test('warns of what works and should not stay so', async () => {
    const { code, values } = await check(
      [
        { enabled: false },
        { ...section, id: 'a', endpoint: 'http://www.example.org/', secret: 'short' },
        { ...section, id: 'b', endpoint: 'https://www.example.org/', secret: `${secret} ` },
      ],
      '--json',
    )
    expect(code).toBe(0)
    expect(
      (values() as { findings: { level: string; code: string }[] }[]).map(({ findings }) =>
        findings.map(({ level, code: found }) => `${level} ${found}`),
      ),
    ).toEqual([
      ['warning not_enabled', 'warning not_signed'],
      ['warning secret_short', 'warning not_encrypted'],
      ['warning secret_with_blanks', 'warning trusts_all'],
    ])
  })
})

describe('key files', () => {
  const https = { ...section, endpoint: 'https://127.0.0.1:1/automation', useSslTrustAll: false }

  test('are opened, and their certificates listed', async () => {
    const { code, stdout } = await check({ ...https, sslTrustFile: await writePem(root.certificate) })
    expect(code).toBe(0)
    expect(stdout).toMatch(/ {2}trusted certificate root until 2100-01-01 \(.*store\.pem\)\n$/)
  })

  test('that cannot be opened are 1', async () => {
    const { code, stdout } = await check({ ...https, sslTrustFile: '/nowhere/store.pem' })
    expect(code).toBe(1)
    expect(stdout).toContain('error sslTrustFile: /nowhere/store.pem cannot be read (ENOENT)')
  })

  test.each([
    ['expired', '2026-11-01', '2026-11-28', 1, 'certificate_expired'],
    ['not valid yet', '2026-12-01', '2027-11-28', 1, 'certificate_not_yet_valid'],
    ['about to expire', '2026-11-01', '2026-12-20', 0, 'certificate_expires'],
    ['valid', '2026-11-01', '2027-11-01', 0, undefined],
  ])('with a certificate that is %s', async (_name, from, to, code, finding) => {
    const client = createIdentity({ name: 'client', notBefore: new Date(from), notAfter: new Date(to) })
    const sslKeyFile = await writePem(client.privateKey, client.certificate)
    const sslTrustFile = await writePem(root.certificate)
    const run = await check({ ...https, useSslClientCert: true, sslKeyFile, sslTrustFile }, '--json')
    expect(run.code).toBe(code)
    const [{ findings }] = run.values() as [{ findings: { code: string }[] }]
    expect(findings.map((found) => found.code)).toEqual(finding === undefined ? [] : [finding])
  })
})

describe('--connect', () => {
  test('says that it is connected, and by which certificate, and sends nothing', async () => {
    const { requests, url } = await startReceiver(undefined, {
      key: server.privateKey,
      cert: server.certificate,
    })
    const sslTrustFile = await writePem(root.certificate)
    const { code, stdout } = await check(
      { ...section, endpoint: url, useSslTrustAll: false, sslTrustFile },
      '--connect',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/ {2}connected in \d+ ms, TLSv1\.3, server until 2100-01-01\n$/)
    expect(requests).toEqual([])
  })

  test('is 4 when an endpoint cannot be reached, and 1 when something else is wrong too', async () => {
    const { code, stdout } = await check(section, '--connect')
    expect(code).toBe(4)
    expect(stdout).toMatch(/^crm .* wrong\n {2}error .*ECONNREFUSED.*check that the receiver runs/)
    const https = { ...section, id: 'other', endpoint: 'https://127.0.0.1:1/', useSslTrustAll: false }
    const both = await check([section, { ...https, sslTrustFile: '/nowhere' }], '--connect')
    expect(both.code).toBe(1)
  })

  test('notices that a certificate has expired which is accepted all the same', async () => {
    const expired = createIdentity({
      name: 'old',
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2026-11-01'),
    })
    const { url } = await startReceiver(undefined, { key: expired.privateKey, cert: expired.certificate })
    const { code, stdout } = await check({ ...section, endpoint: url }, '--connect')
    expect(code).toBe(1)
    expect(stdout).toContain('error the receiver\'s certificate "old" expired on 2026-11-01')
  })
})

test.each([
  [['check'], 'file'],
  [['check', 'config.json', '--expires-within', 'soon'], '--expires-within must be a number of days'],
])('wrong usage: %j', async (argv, message) => {
  const { code, stdout, stderr } = await runPiped(argv)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})
