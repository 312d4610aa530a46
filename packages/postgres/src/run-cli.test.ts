import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCli } from './run-cli.ts'
import { createTestOutbox } from './move/testing-move.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()

async function run(...args: string[]): Promise<{ code: number; printed: string; errors: string }> {
  const printed: string[] = []
  const errors: string[] = []
  const code = await runCli(args, {
    print: (text) => void printed.push(text),
    printError: (text) => void errors.push(text),
  })
  return { code, printed: printed.join('\n'), errors: errors.join('\n') }
}

/** A URL with a password in two places, which the server of the tests does not ask for. */
function urlWithPasswords(): URL {
  const url = new URL(database.server.url)
  url.password = 'the-password'
  url.searchParams.set('password', 'the-other-password')
  return url
}

describe('the command', () => {
  test('makes the tables, says where, and can be run again', async () => {
    const schema = database.createSchema()
    const url = urlWithPasswords()
    const expected = {
      code: 0,
      printed: `The ledger in ${url.host}/postgres, schema ${schema} is up to date.`,
      errors: '',
    }
    expect(await run('migrate', url.href, '--schema', schema)).toEqual(expected)
    expect(await run('migrate', url.href, '--schema', schema)).toEqual(expected)
    await expect(database.open({ schema })).resolves.toBeDefined()
  })

  test('prints grants that can be run', async () => {
    const schema = database.createSchema()
    await database.open({ schema })
    const client = await database.connect()
    await client.query('CREATE ROLE "a web role"')
    const { code, printed } = await run('grants', 'enqueue', 'a web role', '--schema', schema)
    expect(code).toBe(0)
    await client.query(printed)
    const { rows } = await client.query(`SELECT has_schema_privilege('a web role', $1, 'USAGE') AS may_use`, [
      schema,
    ])
    expect(rows).toEqual([{ may_use: true }])
  })

  test('moves an outbox, and says how many deliveries of each state', async () => {
    const file = await createTestOutbox()
    const schema = database.createSchema()
    const url = urlWithPasswords()
    const first = await run('move', `sqlite:${file}`, url.href, '--schema', schema)
    expect(first).toMatchObject({ code: 0, errors: '' })
    expect(
      first.printed
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['pending', '6'],
      ['delivered', '2'],
      ['exhausted', '1'],
      ['canceled', '1'],
      ['already there', '0'],
      ['endpoints', '3'],
    ])
    const second = await run('move', `sqlite:${file}`, url.href, '--schema', schema)
    expect(second).toMatchObject({ code: 0, printed: expect.stringMatching(/was moved .* before/) })
    expect(first.printed + second.printed).not.toMatch(/password/)
  })

  test('fails with the code and the reason, and no password', async () => {
    const unreachable = 'postgres://web:the-password@127.0.0.1:1/none?password=the-other-password'
    const file = await createTestOutbox()
    expect(await run('migrate', unreachable)).toEqual({
      code: 1,
      printed: '',
      errors: expect.stringMatching(/^ledger_unavailable: .*ECONNREFUSED/),
    })
    for (const url of [
      unreachable,
      'postgres://web:the-password@[/none',
      'mysql://web:the-password@127.0.0.1/none',
    ]) {
      const { code, errors } = await run('move', `sqlite:${file}`, url)
      expect(code).toBe(1)
      expect(errors).toMatch(/^(ledger_unavailable|option_invalid): /)
      expect(errors).not.toMatch(/password/)
    }
  })

  test.each([
    [[]],
    [['what']],
    [['migrate']],
    [['move', 'outbox.db', 'postgres://127.0.0.1/none']],
    [['move', 'sqlite:outbox.db']],
    [['grants', 'read']],
    [['migrate', 'postgres://127.0.0.1/none', '--force']],
    [['constructor']],
  ])('shows how it is used when it is not understood: %s', async (args) => {
    expect(await run(...args)).toEqual({ code: 2, printed: '', errors: expect.stringMatching(/Usage: /) })
  })

  test('shows how it is used when asked', async () => {
    expect(await run('--help')).toEqual({ code: 0, printed: expect.stringMatching(/^Usage: /), errors: '' })
  })

  test('is a program with these exit codes', () => {
    const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
    const args = ['--conditions=taskhook-source', cli, 'grants', 'write', 'web']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^option_invalid: to: must be enqueue, deliver or read\n$/)
  })
})
