import { newDelivery } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { fillOutbox } from '../../testing/fill-outbox.ts'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(fillOutbox)
const idle = useTestOutbox(async (ledger) => {
  await ledger.enqueue([newDelivery('1')])
  await ledger.operate.cancel('1')
})
const hourInMs = 3_600_000

describe('status', () => {
  test('prints each endpoint, with what an operator must act on, and is 1 then', async () => {
    const { code, values, stderr } = await runPiped(['status', '--json', ...outbox.flags])
    expect(code).toBe(1)
    expect(values()).toMatchObject([
      { id: 'one', pending: 2, exhausted: 0, lastError: { status: 503 }, needs: [] },
      {
        id: 'two',
        pending: 1,
        exhausted: 1,
        paused: { reason: 'operator' },
        lastError: { errorCode: 'connection_refused' },
        needs: ['paused', 'exhausted'],
      },
    ])
    expect(stderr).toMatch(/^two: it is paused.*endpoints resume two\ntwo: .*resend --endpoint two\n$/)
  })

  test('is a table on a terminal', async () => {
    const { code, screen } = await runOnTerminal(['status', ...outbox.flags], { env: { TERM: 'dumb' } })
    expect(code).toBe(1)
    const [head, one, two] = screen.split('\n')
    expect(head).toMatch(/^ENDPOINT +STATE +PENDING +OLDEST +HELD +EXHAUSTED +DELIVERED +FAILED +LAST ERROR$/)
    expect(one).toMatch(/^one +delivering +2 +.*s +0 +0 +.*ago +.*ago +503$/)
    expect(two).toMatch(/^two +paused +1 +.*s +0 +1 +never +.*ago +connection_refused$/)
  })

  test('is 0 when there is nothing to act on', async () => {
    expect(await runPiped(['status', ...idle.flags])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ENDPOINT.*\none +idle +0 /),
      stderr: '',
    })
  })

  test('acts on age when it is told to, and leaves out what was exhausted long ago', async () => {
    const later = { now: () => Date.now() + 2 * hourInMs }
    const argv = ['status', '--json', '--since', '1h', '--max-age', '0s', ...outbox.flags]
    const { values } = await runPiped(argv, later)
    expect(values()).toMatchObject([{ needs: ['age'] }, { exhausted: 0, needs: ['paused', 'age'] }])
    expect(await runPiped(['status', '--max-age', 'long', ...outbox.flags])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/30s, 15m/),
    })
  })
})
