import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestDirectory } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)
const fresh = useTestOutbox(async () => {})

async function writeConfig(...ids: string[]): Promise<string> {
  const file = join(createTestDirectory(), 'config.json')
  const webHook = ids.map((id) => ({
    id,
    enabled: true,
    endpoint: 'http://127.0.0.1:1/automation',
    secret: 'a secret that is long enough',
  }))
  await writeFile(file, JSON.stringify({ webHook }))
  return file
}

describe('doctor', () => {
  test('finds nothing wrong with an outbox that is new', async () => {
    const { code, values, stderr } = await runPiped(['doctor', '--json', ...fresh.flags])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(values()).toMatchObject([
      { examination: 'schema', level: 'ok' },
      { examination: 'clock', level: 'ok' },
      { examination: 'processes', level: 'warning' },
    ])
  })

  test('says what waits and why, and is 1 then', async () => {
    const { code, stdout } = await runPiped(['doctor', ...outbox.flags])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ok +processes +1 started, for one, two$/m)
    expect(stdout).toMatch(/^ok +backlog +one: 2 pending, the oldest for /m)
    expect(stdout).toMatch(/^error +backlog +two: it is paused/m)
    expect(stdout).toMatch(/^error +backlog +two: deliveries were given up/m)
  })

  test('has colours on a terminal', async () => {
    const { code, screen } = await runOnTerminal(['doctor', ...outbox.flags])
    expect(code).toBe(1)
    expect(screen).toContain('\u001b[31merror\u001b[39m')
  })

  test('finds a clock that is wrong', async () => {
    const ahead = { now: () => Date.now() + 600_000 }
    const { code, stdout } = await runPiped(['doctor', ...fresh.flags], ahead)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error +clock +this machine is (9|10) min ahead of the outbox/m)
  })

  test('finds what is pending for an endpoint that has left the configuration, and what nothing delivers to', async () => {
    const config = await writeConfig('one', 'three')
    const { code, values } = await runPiped(['doctor', '--json', '--config', config, ...outbox.flags])
    expect(code).toBe(1)
    expect(values().slice(-2)).toMatchObject([
      {
        examination: 'drift',
        level: 'error',
        message: expect.stringMatching(/^two: .* not in the configuration/),
      },
      {
        examination: 'drift',
        level: 'warning',
        message: expect.stringMatching(/^three: .*no started process/),
      },
    ])
    const fits = await writeConfig('one', 'two')
    const { stdout } = await runPiped(['doctor', '--config', fits, '--connect', ...outbox.flags])
    expect(stdout).toMatch(/^ok +drift +the outbox and the configuration fit$/m)
    expect(stdout).toMatch(/^error +configuration +one: .*ECONNREFUSED/im)
  })

  test('says what is wrong with a configuration, and 4 of an outbox that is not there', async () => {
    const file = join(createTestDirectory(), 'config.json')
    await writeFile(file, '{"webHook":{"enabled":true,"endpiont":"http://127.0.0.1/"}}')
    const { code, stdout } = await runPiped(['doctor', '--config', file, ...fresh.flags])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error +configuration .*endpiont.*endpoint/m)
    expect(await runPiped(['doctor', '--outbox', 'sqlite:/nowhere/outbox.db'])).toMatchObject({ code: 4 })
  })
})
