import { createSigner, sign } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { writeFiles } from '../testing/write-files.ts'

const body = '{"orderId":"1","eventType":"OrderSigned","taskId":"1"}'
const env = { TASKHOOK_SECRET: 'the shared secret' }
const sentAt = new Date('2026-11-29T12:00:00Z')
const expected = createSigner('the shared secret')({ id: 'msg_1', sentAt, body })

describe('sign', () => {
  test('prints both sets of headers, of stdin', async () => {
    const { code, stdout, stderr } = await runPiped(
      ['sign', '--id', 'msg_1', '--at', '2026-11-29T12:00:00Z'],
      {
        input: body,
        env,
      },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      Object.entries(expected)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    )
  })

  test('prints them as one JSON value, of a file, under several secrets and at a time in seconds', async () => {
    const [file = ''] = await writeFiles(body)
    const seconds = String(sentAt.getTime() / 1000)
    const argv = [
      'sign',
      file,
      '--id',
      'msg_1',
      '--at',
      seconds,
      '--secret',
      'new',
      '--secret',
      'old',
      '--json',
    ]
    const { values } = await runPiped(argv)
    expect(values()).toEqual([{ headers: createSigner(['new', 'old'])({ id: 'msg_1', sentAt, body }) }])
  })

  test('has an id and a time of its own, and takes the secret of a configuration', async () => {
    const endpoint = { enabled: true, endpoint: 'http://127.0.0.1/', secret: '${HUSH}' }
    const [file = ''] = await writeFiles(
      JSON.stringify({
        webHook: [
          { ...endpoint, id: 'a', secret: 'x' },
          { ...endpoint, id: 'b' },
        ],
      }),
    )
    const { values, stdout, stderr } = await runPiped(
      ['sign', '--config', file, '--endpoint', 'b', '--json'],
      {
        input: `${body}\n`,
        env: { HUSH: 'the shared secret' },
        now: () => sentAt.getTime(),
      },
    )
    expect(values()).toMatchObject([
      {
        headers: {
          'x-signature': sign(`${body}\n`, 'the shared secret'),
          'webhook-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          'webhook-timestamp': String(sentAt.getTime() / 1000),
        },
      },
    ])
    expect(stdout).not.toContain('shared secret')
    expect(stderr).toBe('the body ends with a line break, which is signed too\n')
  })

  test('is the same on a terminal', async () => {
    const [file = ''] = await writeFiles(body)
    const { code, screen } = await runOnTerminal(['sign', file], { env: { ...env, TERM: 'xterm' } })
    expect(code).toBe(0)
    expect(screen).toContain(`x-signature: ${expected['x-signature']}\n`)
  })

  test.each([
    [['sign'], {}, 'there is no secret: set TASKHOOK_SECRET'],
    [['sign', '/nowhere/body.json'], env, '/nowhere/body.json cannot be read'],
    [['sign', '--at', 'yesterday'], env, 'at: must be a time such as'],
    [['sign', '--id', 'a.b'], env, 'id: must be visible ASCII'],
    [['sign', '--endpoint', 'a'], env, '--endpoint needs --config'],
    [['sign'], { TASKHOOK_SECRET: 'whsec_hush!' }, 'starts with "whsec_"'],
  ])('is wrong usage: %j', async (argv, given, message) => {
    const { code, stdout, stderr } = await runPiped(argv, { env: given, input: body })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/hush|shared secret/)
  })
})
