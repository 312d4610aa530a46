import { describe, expect, test } from 'vitest'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)
const task = (...argv: string[]) => runPiped(['task', ...argv, ...outbox.flags])

describe('task', () => {
  test('prints each delivery with its attempts, first one first, as JSON', async () => {
    const { code, values, stderr } = await task('a', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(values()).toMatchObject([
      { id: 'a1', taskId: 'a', eventType: 'OrderCreated', state: 'delivered', attempts: [{ status: 204 }] },
      {
        id: 'a2',
        waitsFor: 'retry',
        nextAttemptAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        attempts: [{ number: 1, status: 503, response: { headers: { 'retry-after': '3600' } } }],
      },
      { id: 'a3', waitsFor: 'turn', attempts: [] },
    ])
  })

  test('says in words what each waits for, until when, and behind what', async () => {
    const { code, stdout } = await task('a')
    expect(code).toBe(0)
    const moment = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`
    const lines = [
      'OrderCreated',
      `  one  delivered  accepted ${moment}  a1`,
      `    1. ${moment}  204 in 3 ms`,
      'OrderSigned',
      `  one  pending  accepted ${moment}  a2`,
      String.raw`    1. ${moment}  503 in 3 ms: come \\u001b\[2J back later`,
      `    waits for its retry in 59 min, at ${moment}`,
      'OrderExpired',
      `  one  pending  accepted ${moment}  a3`,
      String.raw`    waits for its turn: .*, OrderSigned \(a2\) is first`,
    ]
    expect(stdout).toMatch(new RegExp(`^${lines.join('\n')}\n$`))
  })

  test('answers why an endpoint has not got an event', async () => {
    const { stdout } = await task('b', '--endpoint', 'two', '--event-type', 'OrderSigned')
    expect(stdout).toMatch(
      /two {2}exhausted .*\n.*1\. .* connection_refused in 3 ms: nothing listens there\n$/,
    )
  })

  test('is the same on a terminal, where a receiver has no control over it', async () => {
    const { code, screen } = await runOnTerminal(['task', 'a', ...outbox.flags])
    expect(code).toBe(0)
    expect(screen).toContain('\u001b[32mdelivered\u001b[39m')
    expect(screen).not.toContain('\u001b[2J')
  })

  test.each([[['unknown']], [['a', '--endpoint', 'two']], [['a', '--event-type', 'OrderSined']]])(
    'of what is not there is 3: %j',
    async (argv) => {
      const { code, stdout, stderr } = await task(...argv)
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
      expect(stderr).toMatch(/^taskhook: not_found: there is no delivery of the task/)
    },
  )

  test('says when there is more than it shows', async () => {
    const { stdout, stderr } = await task('a', '--limit', '1', '--json')
    expect(stdout.match(/\n/g)).toHaveLength(1)
    expect(stderr).toMatch(/^The latest 1\. There are more/)
    expect(await task('a', '--limit', '0')).toMatchObject({ code: 2 })
  })
})
