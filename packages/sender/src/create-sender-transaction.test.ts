import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './testing/receiver.ts'
import { event, nextMessage, outboxFile, section, startSender } from './testing/sender.ts'

async function openBoth() {
  const { url } = await startReceiver()
  const file = await outboxFile()
  const sender = await startSender(section(url), { outbox: `sqlite:${file}` })
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  database.exec('PRAGMA synchronous = FULL; CREATE TABLE tasks (id TEXT)')
  return { sender, database }
}

describe('send within a transaction', () => {
  test('is delivered once that commits', async () => {
    const { sender, database } = await openBoth()
    database.exec("BEGIN; INSERT INTO tasks VALUES ('1')")
    const { deliveries } = await sender.send(event, { transaction: database })
    expect(await sender.deliveries.get(deliveries[0]!.id)).toBeUndefined()
    const attempted = nextMessage('attempted')
    database.exec('COMMIT')
    await attempted
    expect(await sender.deliveries.get(deliveries[0]!.id)).toMatchObject({ state: 'delivered' })
  })

  test('needs no waiting: what commits in the same turn has the event in it', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN')
    const sending = sender.send(event, { transaction: database })
    database.exec('COMMIT')
    const { deliveries } = await sending
    expect(await sender.deliveries.get(deliveries[0]!.id)).toBeDefined()
  })

  test('is undone with it', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN')
    await sender.send(event, { transaction: database })
    database.exec('ROLLBACK')
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })

  test('does not stop other events from being accepted once it has ended', async () => {
    const { sender, database } = await openBoth()
    database.exec('BEGIN IMMEDIATE')
    const waiting = sender.send(event)
    await sender.send(event, { transaction: database })
    database.exec('COMMIT')
    expect((await waiting).deliveries).toHaveLength(1)
    expect((await sender.deliveries.list()).deliveries).toHaveLength(2)
  })

  test('is refused without a transaction, on another database, and on what is no connection', async () => {
    const { sender, database } = await openBoth()
    const other = new DatabaseSync(':memory:')
    onTestFinished(() => other.close())
    other.exec('BEGIN')
    for (const transaction of [database, other, {}]) {
      await expect(sender.send(event, { transaction })).rejects.toMatchObject({ code: 'transaction_invalid' })
    }
    expect(await sender.deliveries.list()).toEqual({ deliveries: [] })
  })
})
