import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { spawnCli } from './testing/spawn-cli.ts'

test('the program ends with the exit code of its command', async () => {
  const child = spawnCli(['endpoints', 'list'], { TASKHOOK_OUTBOX: 'sqlite:/nowhere/outbox.db' })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  expect({ code, stdout, stderr }).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(/^taskhook: ledger_missing/),
  })
})

// Linux has a device that is a full disk.
test.runIf(existsSync('/dev/full'))('what cannot be written is one line, and 74', async () => {
  for (const argv of [['--help'], ['grants', 'read', 'web']]) {
    const full = openSync('/dev/full', 'w')
    const child = spawnCli(argv, {}, full)
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    closeSync(full)
    expect({ code, stderr }).toMatchObject({
      code: 74,
      stderr: expect.stringMatching(/^taskhook: output_unwritable: .*no space left.*\n$/),
    })
  }
})

test('a pipe that is closed ends it quietly', async () => {
  const child = spawnCli(['--help'])
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
