import { receiverVectors, type ReceiverVector } from '@taskhook/contract'
import { createIdentity } from '@taskhook/sender/testing'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../../testing/run-on-terminal.ts'
import { runPiped } from '../../../testing/run-piped.ts'
import { checkFaulty, env, secret, startFaulty } from './testing/faulty-receiver.ts'
import { findFix } from './find-fix.ts'

describe('a receiver that is right', () => {
  test('passes every vector', async () => {
    const { code, results, summary, stderr } = await checkFaulty()
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
    const { code, results, names } = await checkFaulty(
      { options },
      '--key',
      'north',
      '--previous-secret',
      'former',
    )
    expect({ code, names }).toEqual({ code: 0, names: [] })
    const sent = results.map(({ name }) => name)
    expect(sent).toEqual(expect.arrayContaining(['key', 'key-unknown', 'rotation-previous', 'rotation-both']))
    expect(sent).not.toContain('rotation-ended')
  })

  test('passes with a public key', async () => {
    const listed = await runPiped(['conformance', '--list', '--features', 'ed25519'])
    const [publicKey = ''] = /whpk_\S+/.exec(listed.stderr) ?? []
    const { code, results } = await checkFaulty({ options: { secret: publicKey } }, '--features', 'ed25519')
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
  [['conformance', 'http://a/', '--features', 'ed25519,key'], 'check ed25519 alone'],
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

const isFixed = (vector: ReceiverVector): boolean =>
  (findFix(vector, vector.expected.outcome === 'refused' ? 200 : 400) ?? '').length > 20

test('each vector has a fix for the wrong answer', () => {
  const vectors = receiverVectors({ now: new Date(), secret, key: 'k', path: '/' })
  expect(vectors.filter((vector) => !isFixed(vector))).toEqual([])
})
