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
    [['constructor'], 'There is no command "constructor"'],
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
  })
})

describe('an outbox', () => {
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
