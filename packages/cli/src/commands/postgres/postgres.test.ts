import { createOutbox, openLedger } from '@taskhook/outbox'
import { createTestFile } from '@taskhook/outbox/testing'
import { startTestServer, type TestServer } from '@taskhook/postgres/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'

let server: TestServer
let url: URL

beforeAll(async () => {
  server = await startTestServer()
  // Passwords in two places, which the server of the tests does not ask for.
  url = new URL(server.url)
  url.password = 'the-password'
  url.searchParams.set('password', 'the-other-password')
})
afterAll(() => server.remove())

describe('migrate', () => {
  test('makes the tables, says where without a password, and can be run again', async () => {
    const expected = {
      code: 0,
      stdout: `The outbox in ${url.host}/postgres, schema made is up to date.\n`,
      stderr: '',
    }
    const argv = ['migrate', '--schema', 'made', '--yes']
    expect(await runPiped([...argv, url.href])).toMatchObject(expected)
    expect(await runPiped(argv, { env: { TASKHOOK_OUTBOX: url.href } })).toMatchObject(expected)
    const ledger = await openLedger(server.url, { schema: 'made', create: false })
    await ledger.close()
  })

  test('asks on a terminal, and makes nothing otherwise', async () => {
    const argv = ['migrate', url.href, '--schema', 'not_made']
    expect(await runPiped(argv)).toMatchObject({ code: 2 })
    const { code, screen } = await runOnTerminal(argv, { answers: ['n'] })
    expect(code).toBe(2)
    expect(screen).not.toMatch(/password/)
    expect(await runPiped(['status', '--outbox', server.url, '--schema', 'not_made'])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/ledger_missing.*taskhook migrate/),
    })
  })

  test('of a server that is not there is 4, with the reason and no password', async () => {
    const unreachable = 'postgres://web:the-password@127.0.0.1:1/none?password=the-other-password'
    const { code, stderr } = await runPiped(['migrate', unreachable, '--yes'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/^taskhook: ledger_unavailable: .*ECONNREFUSED/)
    expect(stderr).not.toMatch(/password/)
  })
})

describe('move', () => {
  test('moves an outbox, which goes on there in the words of the other commands', async () => {
    const file = createTestFile()
    const source = await openLedger(`sqlite:${file}`)
    await fillOutbox(source)
    await source.dispatch.leave('first')
    await source.close()

    const argv = ['move', `sqlite:${file}`, url.href, '--schema', 'moved']
    const { code, screen } = await runOnTerminal(argv, { answers: ['y'] })
    expect(code).toBe(0)
    expect(screen).toMatch(/\n {2}pending +3\n {2}delivered +1\n/)
    expect(screen).not.toMatch(/password/)
    const again = await runPiped([...argv, '--yes', '--json'])
    expect(again.values()).toMatchObject([{ wasMoved: true }])

    const flags = ['--outbox', url.href, '--schema', 'moved', '--json']
    const task = await runPiped(['task', 'a', ...flags])
    expect(task.values()).toMatchObject([{ id: 'a1' }, { id: 'a2' }, { id: 'a3' }])
    const status = await runPiped(['status', ...flags])
    expect(status.values()).toMatchObject([
      { id: 'one', pending: 2, needs: ['dispatcher'] },
      { id: 'two', pending: 1, exhausted: 1, needs: ['paused', 'exhausted', 'dispatcher'] },
    ])
    expect(await runPiped(['deliveries', 'resend', '--all', '--yes', ...flags])).toMatchObject({ code: 0 })
  })

  test.each([
    ['outbox.db', 'postgres://127.0.0.1/none'],
    ['sqlite:outbox.db', 'mysql://127.0.0.1/none'],
    ['sqlite:outbox.db'],
  ])('of what it cannot is 2: %s %s', async (...argv) => {
    expect(await runPiped(['move', ...argv.filter(Boolean), '--yes'])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('grants', () => {
  test('prints SQL that can be run, in a pipe and on a terminal', async () => {
    const ledger = await openLedger(server.url, { schema: 'granted' })
    createOutbox({ ledger })
    await ledger.close()
    const argv = ['grants', 'enqueue', 'a web role', '--schema', 'granted']
    const { code, stdout } = await runPiped(argv)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^GRANT USAGE ON SCHEMA "granted" TO "a web role";\n/)
    expect((await runOnTerminal(argv)).screen).toBe(stdout)
  })

  test('of a part that there is not is 2', async () => {
    const { code, stderr } = await runPiped(['grants', 'write', 'web'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/enqueue, deliver or read/)
  })
})
