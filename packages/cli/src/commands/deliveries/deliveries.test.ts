import { newDeliveries } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)
const deliveries = (...argv: string[]) => runPiped(['deliveries', ...argv, ...outbox.flags])
const idsOf = (values: unknown[]) => values.map((value) => (value as { id: string }).id)

describe('deliveries list', () => {
  test.each([
    [[], ['c1', 'b2', 'b1', 'a3', 'a2', 'a1']],
    [['--task', 'a', '--endpoint', 'one', '--event-type', 'OrderSigned'], ['a2']],
    [['--state', 'exhausted'], ['b1']],
    [
      ['--from', '1h', '--limit', '2'],
      ['c1', 'b2'],
    ],
    [['--before', '1h'], []],
    [
      ['--limit', '2', '--cursor', '4'],
      ['a3', 'a2'],
    ],
  ])('with %j is %j', async (argv, ids) => {
    const { code, values } = await deliveries('list', '--json', ...argv)
    expect(code).toBe(0)
    expect(idsOf(values())).toEqual(ids)
  })

  test('says on stderr how it goes on', async () => {
    const { stdout, stderr } = await deliveries('list', '--limit', '1')
    expect(stdout).toMatch(/^ACCEPTED .*\n.* c +OrderSigned +one +canceled +0 +c1\n$/)
    const [, cursor = ''] = /^There are more: --cursor (\d+)\n$/.exec(stderr) ?? []
    expect(idsOf((await deliveries('list', '--json', '--cursor', cursor)).values())[0]).toBe('b2')
  })

  test('is a table with colours on a terminal', async () => {
    const { screen } = await runOnTerminal(['deliveries', 'list', '--state', 'exhausted', ...outbox.flags])
    expect(screen).toContain('\u001b[31mexhausted\u001b[39m')
  })

  test.each([
    [['--state', 'exhuasted'], 'exhausted'],
    [['--from', 'yesterday'], '2026-11-29T14:00Z'],
    [['--limit', '0'], '--limit'],
    [['--cursor', 'x'], 'cursor'],
    [['--tsak', 'a'], '--task'],
  ])('with %j is 2, and says what would do', async (argv, hint) => {
    const { code, stdout, stderr } = await deliveries('list', ...argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(hint)
    expect(stderr).not.toMatch(/ at .*\.ts/)
  })
})

describe('deliveries get', () => {
  test('has the exact payload, whatever numbers are in it', async () => {
    const [value] = (await deliveries('get', 'c1', '--json')).values()
    expect(value).toMatchObject({ state: 'canceled', payload: '{"number":9007199254740993}', attempts: [] })
  })

  test('shows the answer, and nothing that a terminal obeys', async () => {
    const { code, screen } = await runOnTerminal(['deliveries', 'get', 'a2', ...outbox.flags], {
      env: { TERM: 'xterm', NO_COLOR: '1' },
    })
    expect(code).toBe(0)
    expect(screen).toMatch(/^state +pending, waits for its retry in 59 min, at /m)
    expect(screen).toMatch(/^attempt 1 .* 503 in 3 ms/m)
    expect(screen).toMatch(/^ {2}retry-after: 3600\n {2}<b>\\u001b]0;owned\\u0007<\/b> … cut$/m)
    // oxlint-disable-next-line no-control-regex
    expect(screen).not.toMatch(/\u001b|\u0007/)
  })

  test('of an id that is not known is 3', async () => {
    expect(await deliveries('get', 'x')).toMatchObject({ code: 3, stdout: '' })
  })
})

const changed = useTestOutbox(async (ledger) => {
  const ids = ['1', '2', '3', '4', '5']
  await fillOutbox(ledger)
  await ledger.enqueue(newDeliveries(ids, { endpointId: 'three' }))
  for (const id of ids) await ledger.operate.cancel(id)
})
const change = (...argv: string[]) => runPiped(['deliveries', ...argv, ...changed.flags])

async function stateOf(id: string): Promise<string | undefined> {
  return (await changed.ledger.operate.getDelivery(id))?.delivery.state
}

describe('deliveries cancel', () => {
  test('gives up those named, and is 3 when one of them was not pending', async () => {
    const { code, values, stderr } = await change('cancel', 'a3', 'a1', 'unknown', '--yes', '--json')
    expect(values()).toEqual([
      { id: 'a3', canceled: true },
      { id: 'a1', canceled: false },
      { id: 'unknown', canceled: false },
    ])
    expect(code).toBe(3)
    expect(stderr).toMatch(/no pending delivery "a1"\n.*no pending delivery "unknown"\n$/)
    expect(await stateOf('a3')).toBe('canceled')
  })

  test('asks on a terminal, and changes nothing in a pipe', async () => {
    const argv = ['deliveries', 'cancel', 'a2', ...changed.flags]
    expect(await runPiped(argv)).toMatchObject({ code: 2, stdout: '' })
    expect(await runOnTerminal(argv, { answers: [''] })).toMatchObject({ code: 2 })
    expect(await stateOf('a2')).toBe('pending')
    expect(await runOnTerminal(argv, { answers: ['yes'] })).toMatchObject({
      code: 0,
      screen: expect.stringMatching(/^Cancel a2\? \[y\/N\] yes\na2 is canceled\n$/),
    })
  })
})

describe('deliveries resend', () => {
  test('of one makes it pending again', async () => {
    expect(await change('resend', 'a1', '--yes')).toMatchObject({ code: 0, stdout: 'a1 is resent\n' })
    expect(await stateOf('a1')).toBe('pending')
    expect(await change('resend', 'unknown', '--yes')).toMatchObject({ code: 3, stdout: '' })
  })

  test('of all that match says how many and for how long first, shows how far it is, and keeps the order', async () => {
    const argv = ['deliveries', 'resend', '--state', 'canceled', '--endpoint', 'three', '--per-second', '500']
    expect(await runPiped([...argv, ...changed.flags])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Resend 5 canceled deliveries at 500 a second: 10 ms\?.*--yes/),
    })
    const { code, screen } = await runOnTerminal([...argv, ...changed.flags], { answers: ['y'] })
    expect(code).toBe(0)
    expect(screen).toContain('3 of 5 resent')
    expect(screen.endsWith('\u001b[2K5 resent\n')).toBe(true)
    const { deliveries: found } = await changed.ledger.operate.listDeliveries(
      { endpointId: 'three' },
      { limit: 10, oldestFirst: true },
    )
    expect(idsOf(found)).toEqual(['1', '2', '3', '4', '5'])
  })

  test('of those that are exhausted, when nothing else is said', async () => {
    const { code, values, stderr } = await change('resend', '--all', '--yes', '--json')
    expect({ code, values: values() }).toEqual({ code: 0, values: [{ resent: 1 }] })
    expect(stderr).toBe('Resending 1 exhausted deliveries at 20 a second: 50 ms\n')
    expect(await stateOf('b1')).toBe('pending')
  })

  test.each([[[]], [['a1', '--all']], [['--all', '--per-second', '0']]])(
    'of what is not said is 2: %j',
    async (argv) => {
      expect(await change('resend', '--yes', ...argv)).toMatchObject({ code: 2, stdout: '' })
    },
  )
})

describe('an endpoint that there is not', () => {
  test.each([[['list']], [['list', '--json']], [['resend', '--yes']]])(
    'is 3 for deliveries %j',
    async (argv) => {
      const run = await runPiped(['deliveries', ...argv, '--endpoint', 'tow', ...outbox.flags])
      expect(run).toMatchObject({ code: 3, stdout: '' })
      expect(run.stderr).toContain(
        'not_found: there is no endpoint "tow" in this outbox; there are "one", "two"',
      )
    },
  )

  test('is not one of which nothing matches', async () => {
    const argv = ['deliveries', 'list', '--endpoint', 'two', '--event-type', 'None', ...outbox.flags]
    expect(await runPiped(argv)).toMatchObject({ code: 0, stderr: 'No delivery matches.\n' })
  })
})
