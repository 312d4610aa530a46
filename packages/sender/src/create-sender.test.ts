import { existsSync } from 'node:fs'
import { readdir, readlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createSender } from './create-sender.ts'
import { startReceiver } from './testing/receiver.ts'
import { afterAttempts, event, openSender, outboxFile, section, startSender } from './testing/sender.ts'

describe('a sender with nothing enabled', () => {
  test('takes events, delivers none, and looks up what is there', async () => {
    const outbox = `sqlite:${await outboxFile()}`
    const before = await openSender(section('http://127.0.0.1:1/', { id: 'one' }), { outbox })
    const [sent] = (await before.send(event)).deliveries
    await before.stop()

    await using sender = await createSender({ webHook: { enabled: false }, outbox })
    await sender.start()
    expect(await sender.send(event)).toEqual({ deliveries: [] })
    await expect(sender.send({ ...event, taskId: '' })).rejects.toMatchObject({ option: 'taskId' })
    expect(await sender.deliveries.list()).toMatchObject({
      deliveries: [{ id: sent!.id, state: 'pending', waitsFor: 'dispatcher' }],
    })
    expect(await sender.endpoints.list()).toMatchObject([{ id: 'one', isConfigured: false, pending: 1 }])
    expect(await sender.deliveries.cancel(sent!.id)).toBe(true)
    expect(await sender.deliveries.get(sent!.id)).toMatchObject({ state: 'canceled' })
  })
})

describe('createSender', () => {
  test.each([undefined, null, 'config.json'])('refuses %j in place of options', async (options) => {
    await expect(createSender(options as never)).rejects.toMatchObject({
      code: 'option_invalid',
      option: 'options',
    })
  })

  test.each([
    ['now', { now: 0 as never }],
    ['logger', { logger: { info: () => {} } as never }],
    ['logger', { logger: null as never }],
    ['leaseinms', { leaseinms: 1000 } as never],
  ])('refuses %s %j, and makes no file', async (option, options) => {
    const file = await outboxFile()
    const creating = createSender({
      webHook: section('http://a.example'),
      outbox: `sqlite:${file}`,
      ...options,
    })
    await expect(creating).rejects.toMatchObject({ code: 'option_invalid', option })
    expect(existsSync(file)).toBe(false)
  })

  test.each([
    ['retentionInMs', { retentionInMs: 0 }],
    ['retentionInMs', { retentionInMs: 'P30D' as never }],
    ['leaseInMs', { leaseInMs: 0 }],
    ['leaseInMs', { leaseInMs: 30.5 }],
  ])('refuses %s %j', async (option, options) => {
    const creating = createSender({
      webHook: section('http://a.example'),
      outbox: `sqlite:${await outboxFile()}`,
      ...options,
    })
    await expect(creating).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringContaining(option) as string,
    })
  })

  test.skipIf(process.platform !== 'linux')('leaves no file open when it is refused', async () => {
    const file = await outboxFile()
    const outbox = `sqlite:${file}`
    const creating = createSender({ webHook: section('http://a.example'), outbox, retentionInMs: 0 })
    await expect(creating).rejects.toMatchObject({ option: 'retentionInMs' })
    const descriptors = await readdir('/proc/self/fd')
    const open = await Promise.all(descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')))
    expect(open.filter((one) => one.startsWith(file))).toEqual([])
  })

  test.each(['outbox.db', 'sqlite:', 'mysql://localhost/outbox', '', null, 5, {}])(
    'refuses the outbox %j',
    async (outbox) => {
      const creating = createSender({ webHook: section('http://a.example'), outbox: outbox as string })
      await expect(creating).rejects.toMatchObject({ code: 'option_invalid' })
    },
  )

  test('makes no file when one of several sections is wrong', async () => {
    const file = await outboxFile()
    const webHook = [
      section('http://a.example'),
      section('https://b.example', { useSslTrustAll: false, sslKeyFile: `${file}.pem` }),
    ]
    const creating = createSender({ webHook, outbox: `sqlite:${file}` })
    await expect(creating).rejects.toMatchObject({ code: 'key_store_unreadable' })
    const invalid = createSender({ webHook: [webHook[0]!, webHook[0]!], outbox: `sqlite:${file}` })
    await expect(invalid).rejects.toMatchObject({ code: 'config_invalid' })
    expect(existsSync(file)).toBe(false)
  })

  test('rejects with the coded error of an outbox that cannot be opened', async () => {
    const file = await outboxFile()
    await writeFile(
      file,
      'no database, but more than the hundred bytes that the header of one has. '.repeat(10),
    )
    const webHook = section('http://a.example')
    await expect(createSender({ webHook, outbox: `sqlite:${file}` })).rejects.toMatchObject({
      code: 'ledger_corrupt',
    })
    await expect(createSender({ webHook, outbox: `sqlite:${file}/x/y` })).rejects.toMatchObject({
      code: 'ledger_unavailable',
    })
  })

  test('deletes deliveries once they have been delivered for longer than the retention', async () => {
    const { url } = await startReceiver()
    const outbox = `sqlite:${await outboxFile()}`
    const first = await startSender(section(url), { outbox })
    const { deliveries } = await first.send(event)
    await afterAttempts(first, deliveries[0]!.id)
    await first.stop()

    const keeping = await startSender(section(url), { outbox, retentionInMs: 3_600_000 })
    expect((await keeping.deliveries.list()).deliveries).toHaveLength(1)
    await keeping.stop()
    const forgetting = await startSender(section(url), { outbox, retentionInMs: 1 })
    await expect.poll(() => forgetting.deliveries.list()).toEqual({ deliveries: [] })
  })
})

test("an outbox in memory is for an application's tests: no file, and gone with its sender", async () => {
  const { url, requests } = await startReceiver()
  const outbox = 'sqlite::memory:'
  const sender = await startSender(section(url, { id: 'one' }), { outbox })
  const { deliveries } = await sender.send(event, { idempotencyKey: 'change 1' })
  await sender.idle()
  expect(await sender.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
  expect(requests).toHaveLength(1)
  await sender.stop()
  const next = await openSender(section(url, { id: 'one' }), { outbox })
  expect(await next.deliveries.list()).toEqual({ deliveries: [] })
  expect(existsSync(':memory:')).toBe(false)
})
