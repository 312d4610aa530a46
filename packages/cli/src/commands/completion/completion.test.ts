import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'

const propose = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await runPiped(['complete', '--', ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.pop()).toBe(':4')
  return lines.map((line) => line.split('\t')[0]!)
}

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])(
    'prints a script for %s that asks this command',
    async (shell) => {
      const { code, stdout, stderr } = await runPiped(['completion', shell])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/taskhook[^]*complete/)
    },
  )

  test.each([
    ['taskhook ', 'complete -- ', 'status tail'],
    ['taskhook sta', 'complete -- sta', 'status'],
    ['taskhook deliveries  list --st', 'complete -- deliveries list --st', ''],
    ['taskhook task $(echo run) ', 'complete -- task $(echo run) ', 'status tail'],
    ['taskhook status --outbox sqlite:o', undefined, ''],
  ])('is a script with which bash, alone and twice, completes %j', async (line, asked, replies) => {
    const { stdout: script } = await runPiped(['completion', 'bash'])
    // A command that notes what it is asked, and proposes two words.
    const input = `
      taskhook() { echo "$*" >&3; printf '%s\\t%s\\n' status 'How it is' tail 'What happens'; echo :4; }
      ${script}
      ${script}
      COMP_LINE='${line}' COMP_POINT=${line.length}
      __taskhook_complete
      echo "\${COMPREPLY[*]}"
    `
    const { status, stdout, stderr, output } = spawnSync('bash', ['--norc'], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    expect({ status, stdout, stderr, asked: output[3] }).toEqual({
      status: 0,
      stdout: `${replies}\n`,
      stderr: '',
      asked: asked === undefined ? '' : `${asked}\n`,
    })
  })

  test('is the same on a terminal', async () => {
    const { screen } = await runOnTerminal(['completion', 'fish'])
    expect(screen).toBe((await runPiped(['completion', 'fish'])).stdout)
  })

  test('of another shell is 2', async () => {
    expect(await runPiped(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('bash, zsh'),
    })
  })
})

describe('the words that are proposed', () => {
  test('are commands, their commands, flags and the values of these', async () => {
    expect(await propose('st')).toEqual(['status'])
    expect(await propose('deliveries', '')).toEqual(
      expect.arrayContaining(['list', 'get', 'resend', 'cancel']),
    )
    expect(await propose('status', '--ou')).toEqual(['--outbox'])
    expect(await propose('deliveries', 'list', '--state', 'ex')).toEqual(['exhausted'])
  })

  test('are none where nothing fits', async () => {
    expect(await propose('unknown', '')).toEqual([])
    expect(await propose('status', 'unknown', '')).toEqual([])
  })
})
