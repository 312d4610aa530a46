import { writeFile } from 'node:fs/promises'
import { createTestFile } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from './testing/run-on-terminal.ts'
import { runPiped } from './testing/run-piped.ts'

describe('the help', () => {
  test.each([[['--help']], [['-h']], [[]]])('is data when it is asked for: %j', async (argv) => {
    const { code, stdout, stderr } = await runPiped(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage\n {2}taskhook/)
    expect(stdout).toMatch(/Exit codes: 0 done/)
  })

  test('of a group is no data when a command is missing, and nothing was done', async () => {
    const { code, stdout, stderr } = await runPiped(['endpoints'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/taskhook endpoints pause <endpointId>/)
  })

  test('has no colour in a pipe, with NO_COLOR or on a dumb terminal, and has it on others', async () => {
    const screens = await Promise.all([
      runPiped(['--help']).then(({ stdout }) => stdout),
      ...[{ NO_COLOR: '1', TERM: 'xterm' }, { TERM: 'dumb' }, { TERM: 'xterm', NO_COLOR: '' }].map((env) =>
        runOnTerminal(['--help'], { env }).then(({ screen }) => screen),
      ),
    ])
    expect(screens.map((screen) => screen.includes('\u001b['))).toEqual([false, false, false, true])
  })

  test('the version is one word', async () => {
    expect(await runPiped(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})

describe('a wrong command line', () => {
  test.each([
    [['endpoint'], 'Did you mean "endpoints"?'],
    [['endpoints', 'puase'], 'Did you mean "pause"?'],
    [['constructor'], 'there is no command "constructor"'],
    [['task', '-dash'], 'there is no option -d. Before arguments that begin with a dash, write -- alone.'],
    [['task', '--dash'], 'there is no option --dash.'],
    [['endpoints', 'list', '--jsn'], '--json'],
    [['endpoints', 'list', '--outbox'], 'outbox'],
    [['endpoints', 'pause'], 'endpointId'],
    [['endpoints', 'list', 'more'], 'more'],
    [['endpoints', 'list'], 'TASKHOOK_OUTBOX'],
    [['endpoints', 'list', '--outbox', 'mysql://there'], 'sqlite:<file>'],
  ])('is 2, on stderr alone, and names what is near: %j', async (argv, hint) => {
    const { code, stdout, stderr } = await runPiped(argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(hint)
    expect(stderr).toMatch(/^taskhook: [a-z_]+: /)
  })
})

test.each([
  [['task', '\u001b[2J', 'b']],
  [['\u001b[2J']],
  [['status', '--state=\u001b[2J']],
  [['status', '--outbox', 'x:\u001b[2J']],
])('what was typed is shown without control characters: %j', async (argv) => {
  const { code, stderr } = await runPiped(argv)
  expect(code).toBe(2)
  expect(stderr).not.toContain('\u001b')
})

describe('an outbox', () => {
  test('that is named as a file gets the name that works', async () => {
    const file = createTestFile()
    await writeFile(file, '')
    expect(await runPiped(['status', '--outbox', file])).toMatchObject({
      code: 2,
      stderr: `taskhook: usage_invalid: the outbox is a file: write sqlite:${file}\n`,
    })
  })

  test('on SQLite has no schema', async () => {
    expect(await runPiped(['status', '--outbox', 'sqlite:outbox.db', '--schema', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--schema is for an outbox on PostgreSQL'),
    })
  })

  test('that is not there is 4, and is not made', async () => {
    const argv = ['endpoints', 'list', '--outbox', 'sqlite:/nowhere/outbox.db']
    const { code, stdout, stderr } = await runPiped(argv)
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/^taskhook: ledger_missing: there is no file \/nowhere\/outbox\.db/)
  })

  test.each([
    [['endpoints', 'list', '--outbox', 'postgres://web:hush@hush@127.0.0.1:1/none?password=hush'], 4],
    [['endpoints', 'list', 'postgres://web:hush@127.0.0.1:1/none?password=hush'], 2],
    [['postgres://web:hush@127.0.0.1:1/none?password=hush'], 2],
    [['endpoints', 'list', '--outbox=postgres://web:hush@[/none'], 2],
  ])('with a password never shows it: %j', async (argv, code) => {
    const run = await runPiped(argv)
    expect(run).toMatchObject({ code, stdout: '' })
    expect(run.stderr).not.toContain('hush')
  })
})
