import { channels, sqliteLedger, type Ledger } from '@taskhook/outbox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { recordLog } from '@taskhook/outbox/testing'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

/** What this process is warned of by senders, code and message. */
function collectWarnings(): string[] {
  const warnings: string[] = []
  const listener = (warning: Error & { code?: string }): void => {
    if (warning.name === 'TaskhookWarning') warnings.push(`${warning.code}: ${warning.message}`)
  }
  process.on('warning', listener)
  onTestFinished(() => void process.off('warning', listener))
  return warnings
}

/** A receiver that answers with this status. */
const startAnswering = (status: number) =>
  startReceiver((_request, response) => response.writeHead(status).end())

describe('a sender without a logger', () => {
  test('warns of a delivery that is exhausted, of an endpoint that is gone, and of nothing else', async () => {
    const warnings = collectWarnings()
    const [failing, gone, well] = await Promise.all([500, 410, 200].map(startAnswering))
    const sender = await startSender([
      section(failing!.url, { id: 'failing' }),
      section(gone!.url, { id: 'gone' }),
      section(well!.url, { id: 'well' }),
    ])
    const { deliveries } = await sender.send(event)
    await afterAttempts(sender, deliveries[0]!.id)
    await sender.idle()
    await sender.stop()
    await expect
      .poll(() => warnings.toSorted())
      .toEqual([
        expect.stringMatching(/^TASKHOOK_EXHAUSTED: delivery \S+ of task 07c6ad8c to failing .*resend/),
        expect.stringMatching(/^TASKHOOK_GONE: endpoint gone .*410.*endpoints\.resume/),
      ])
    expect(warnings.join()).toContain(deliveries[0]!.id)
  })

  test('warns when nothing is enabled', async () => {
    const warnings = collectWarnings()
    await openSender({ enabled: false })
    await expect
      .poll(() => warnings)
      .toEqual([expect.stringMatching(/^TASKHOOK_NOTHING_ENABLED: .*"enabled"/)])
  })
})

describe('two senders in one process', () => {
  test('each tell of their own endpoints alone, though these have the same id', async () => {
    const warnings = collectWarnings()
    const [failing, well] = await Promise.all([500, 200].map(startAnswering))
    const [ofFailing, ofWell] = [recordLog(), recordLog()]
    const bad = await startSender(section(failing!.url, { id: 'one' }), { logger: ofFailing.logger })
    const good = await startSender(section(well!.url, { id: 'one' }), { logger: ofWell.logger })
    const quiet = await startSender(section(well!.url, { id: 'one' }))
    const [badId, goodId, quietId] = await Promise.all(
      [bad, good, quiet].map(async (sender) => (await sender.send(event)).deliveries[0]!.id),
    )
    await afterAttempts(bad, badId!)
    await afterAttempts(good, goodId!)
    await afterAttempts(quiet, quietId!)
    expect(new Set(ofFailing.lines.map(({ fields }) => fields['id']))).toEqual(new Set([badId]))
    expect(ofFailing.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn', 'error'])
    expect(ofWell.lines).toMatchObject([{ level: 'debug', fields: { id: goodId } }])
    await Promise.all([bad, good, quiet].map((sender) => sender.stop()))
    // The sender without a logger warns of nothing, as nothing of its own is exhausted.
    process.emitWarning('the end', 'TaskhookWarning')
    await expect.poll(() => warnings).toEqual(['undefined: the end'])
  })

  test('on one ledger each tell of what they did themselves', async () => {
    const { url } = await startAnswering(200)
    const outbox = `sqlite:${await outboxFile()}`
    const idle = recordLog()
    const busy = recordLog()
    await openSender(section(url, { id: 'one' }), { outbox, logger: idle.logger })
    const sender = await startSender(section(url, { id: 'one' }), { outbox, logger: busy.logger })
    await sender.send(event)
    await sender.idle()
    expect([idle.lines.length, busy.lines.length]).toEqual([0, 1])
  })

  test('hear nothing more after they are stopped', async () => {
    const { url } = await startAnswering(200)
    const senders = await Promise.all(
      [{ logger: recordLog().logger }, {}].map((options) => startSender(section(url), options)),
    )
    const heard = [channels.exhausted, channels.gone, channels.circuitOpened, channels.failed]
    expect(heard.every(({ hasSubscribers }) => hasSubscribers)).toBe(true)
    await Promise.all(senders.map((sender) => sender.stop()))
    expect(heard.some(({ hasSubscribers }) => hasSubscribers)).toBe(false)
  })
})

test('a ledger that fails is told of once, and once more when it works again', async () => {
  const { url } = await startAnswering(200)
  const ledger = sqliteLedger({ file: await outboxFile() })
  onTestFinished(() => ledger.close())
  let failures = 2
  const settle: Ledger['dispatch']['settle'] = async (...parameters) => {
    if (failures-- > 0) throw new Error('the disk is full')
    return ledger.dispatch.settle(...parameters)
  }
  const failing = Object.create(ledger, {
    dispatch: { value: Object.create(ledger.dispatch, { settle: { value: settle } }) },
  }) as typeof ledger
  const own = recordLog()
  const other = recordLog()
  const sender = await startSender(section(url, { id: 'one' }), { outbox: failing, logger: own.logger })
  await startSender(section(url, { id: 'one' }), { logger: other.logger })
  const { id } = (await sender.send(event)).deliveries[0]!
  await afterAttempts(sender, id)
  expect(own.lines).toMatchObject([
    {
      level: 'error',
      fields: { err: { message: 'the disk is full' } },
      message: expect.stringContaining('ledger failed') as string,
    },
    { level: 'info', message: expect.stringContaining('ledger recovered') as string },
    { level: 'debug', message: 'webhook delivered' },
  ])
  expect(other.lines).toEqual([])
})
