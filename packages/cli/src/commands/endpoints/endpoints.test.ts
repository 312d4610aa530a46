import { newDelivery } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../testing/run-on-terminal.ts'
import { runPiped } from '../../testing/run-piped.ts'
import { useTestOutbox } from '../../testing/use-test-outbox.ts'

const outbox = useTestOutbox(async (ledger) => {
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { endpointId: 'two' })])
})

async function isPaused(id: string): Promise<boolean> {
  const records = await outbox.ledger.operate.listEndpoints()
  return records.find((record) => record.id === id)?.paused !== undefined
}

describe('endpoints list', () => {
  test('prints one JSON value a line', async () => {
    const { code, values, stderr } = await runPiped(['endpoints', 'list', '--json', ...outbox.flags])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(values()).toMatchObject([
      { id: 'one', pending: 1 },
      { id: 'two', pending: 1 },
    ])
  })

  test('is a table on a terminal', async () => {
    const { code, screen } = await runOnTerminal(['endpoints', 'list', ...outbox.flags])
    expect(code).toBe(0)
    expect(screen).toMatch(/^one +1 pending\ntwo +1 pending\n$/)
  })
})

describe('endpoints pause and resume', () => {
  test('change nothing in a pipe without --yes', async () => {
    const { code, stdout, stderr } = await runPiped(['endpoints', 'pause', 'one', ...outbox.flags])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/confirmation_needed: .*--yes/)
    expect(await isPaused('one')).toBe(false)
  })

  test('go ahead with it', async () => {
    const flags = ['one', '--yes', ...outbox.flags]
    expect(await runPiped(['endpoints', 'pause', ...flags])).toMatchObject({
      code: 0,
      stdout: 'one is paused\n',
    })
    expect(await isPaused('one')).toBe(true)
    const { values } = await runPiped(['endpoints', 'resume', '--json', ...flags])
    expect(values()).toEqual([{ endpointId: 'one', resumed: true }])
    expect(await isPaused('one')).toBe(false)
  })

  test('ask on a terminal', async () => {
    const argv = ['endpoints', 'pause', 'two', ...outbox.flags]
    const refused = await runOnTerminal(argv, { answers: ['n'] })
    expect(refused).toMatchObject({
      code: 2,
      screen: expect.stringMatching(/1 deliveries are pending\? \[y\/N\] n\n/),
    })
    expect(await isPaused('two')).toBe(false)
    expect(await runOnTerminal(argv, { answers: ['y'] })).toMatchObject({ code: 0 })
    expect(await isPaused('two')).toBe(true)
  })

  test('of an endpoint that is not known is 3', async () => {
    const { code, stderr } = await runPiped(['endpoints', 'pause', 'three', '--yes', ...outbox.flags])
    expect(code).toBe(3)
    expect(stderr).toBe(
      'taskhook: not_found: there is no endpoint "three" in this outbox; there are "one", "two"\n',
    )
  })
})
