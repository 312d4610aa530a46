import { OptionError } from '@taskhook/core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createOutbox, type OutboxOptions } from './create-outbox.ts'
import { sqliteLedger } from './sqlite/sqlite-ledger.ts'
import { collectMessages } from './testing/collect-messages.ts'
import { newDelivery } from './testing/new-delivery.ts'
import { answered, createTestEndpoint, delivered } from './testing/test-endpoint.ts'
import { createTestFile, openTestDatabase, openTestLedger } from './testing/test-sqlite.ts'
import { openTestOutbox } from './testing/test-outbox.ts'

const second = 1000

describe('createOutbox', () => {
  const good = { id: 'one', attempt: async () => delivered, maxConcurrency: 1, retryScheduleInMs: [0] }

  test.each<[what: string, options: Partial<OutboxOptions<never>>, message: RegExp]>([
    ['no ledger', { ledger: undefined as never }, /ledger/],
    ['leaseInMs of 0', { leaseInMs: 0 }, /leaseInMs/],
    ['leaseInMs that is no whole number', { leaseInMs: 1000.5 }, /leaseInMs/],
    ['retentionInMs without end', { retentionInMs: Number.POSITIVE_INFINITY }, /retentionInMs/],
    ['an endpoint without an id', { endpoints: [{ ...good, id: '' }] }, /id must be/],
    ['two endpoints with one id', { endpoints: [good, { ...good }] }, /id one is there twice/],
    ['an attempt that is no function', { endpoints: [{ ...good, attempt: 'x' as never }] }, /attempt/],
    ['maxConcurrency of 0', { endpoints: [{ ...good, maxConcurrency: 0 }] }, /maxConcurrency/],
    ['maxConcurrency of 1.5', { endpoints: [{ ...good, maxConcurrency: 1.5 }] }, /maxConcurrency/],
    ['no retry schedule', { endpoints: [{ ...good, retryScheduleInMs: [] }] }, /retryScheduleInMs/],
    ['a negative wait', { endpoints: [{ ...good, retryScheduleInMs: [0, -1] }] }, /retryScheduleInMs/],
    [
      'a wait that is none',
      { endpoints: [{ ...good, retryScheduleInMs: [Number.NaN] }] },
      /retryScheduleInMs/,
    ],
  ])('refuses %s', (_what, options, message) => {
    const create = () => createOutbox({ ledger: openTestLedger(), endpoints: [good], ...options })
    expect(create).toThrow(OptionError)
    expect(create).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    expect(create).toThrow(message)
  })

  test('refuses an option that it does not know, by its name, wherever one is given', async () => {
    const { createOutbox: createKnown, ledger } = openTestOutbox()
    expect(() => createOutbox({ ledger, leaseInMS: 1 } as never)).toThrow(/leaseInMS.*leaseInMs/)
    const outbox = createKnown({})
    expect(() => outbox.stop({ timeoutMs: 1 } as never)).toThrow(/timeoutMs.*timeoutInMs/)
    await expect(outbox.idle({ timeout: 1 } as never)).rejects.toThrow(/timeout.*timeoutInMs/)
    await expect(outbox.enqueue([newDelivery('1')], { transacton: {} } as never)).rejects.toThrow(
      /transacton.*transaction/,
    )
    const misspelt = { ...newDelivery('1'), idempotencykey: '1' } as never
    await expect(outbox.enqueue([misspelt])).rejects.toThrow(/idempotencykey.*idempotencyKey/)
    expect(await outbox.deliveries.get('1')).toBeUndefined()
    expect(() => sqliteLedger({ file: ':memory:', crete: false } as never)).toThrow(/crete.*create/)
  })

  test.each([undefined, null, 'x'])('refuses %j where an object or array must be', async (nothing) => {
    const refused = { code: 'option_invalid' }
    expect(() => createOutbox(nothing as never)).toThrow(expect.objectContaining(refused))
    expect(() => sqliteLedger(nothing as never)).toThrow(expect.objectContaining(refused))
    const { createOutbox: createKnown } = openTestOutbox()
    expect(() => createKnown({ endpoints: [nothing as never] })).toThrow(expect.objectContaining(refused))
    const outbox = createKnown({})
    await expect(outbox.enqueue(nothing as never)).rejects.toMatchObject(refused)
    await expect(outbox.enqueue([nothing as never])).rejects.toMatchObject(refused)
    await expect(outbox.configure(nothing as never)).rejects.toMatchObject(refused)
    await expect(outbox.endpoints.outcomes(nothing as never)).rejects.toMatchObject(refused)
    await expect(outbox.deliveries.resendAll(nothing as never, { perSecond: 1 })).rejects.toMatchObject(
      refused,
    )
  })

  test('changes nothing when it is configured with endpoints that cannot work', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await expect(outbox.configure([{ ...good, maxConcurrency: 0 }])).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await enqueue('1')
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })
})

describe('an outbox', () => {
  test('publishes each attempt once it is written down, and how a delivery ended, in its own name', async () => {
    const { clock, enqueue, startOutbox } = openTestOutbox()
    const attempted = collectMessages('attempted')
    const ended = { delivered: collectMessages('delivered'), exhausted: collectMessages('exhausted') }
    const failure = answered(500)
    const endpoint = createTestEndpoint({
      answer: ({ delivery: { id, tries } }) => (id === 'good' && tries === 1 ? delivered : failure),
    })
    await enqueue({ id: 'good', orderingKey: 'good', context: 'trace' }, 'bad')
    const { id: outboxId } = await startOutbox({ endpoints: [endpoint] })
    await clock.advance(second)
    const message = { endpointId: 'one', type: 'OrderSigned', outboxId }
    const good = { ...message, id: 'good', orderingKey: 'good', context: 'trace' }
    const bad = { ...message, id: 'bad', orderingKey: 'bad' }
    expect(attempted).toEqual([
      { ...good, try: 1, report: failure, retryInMs: second },
      { ...bad, try: 1, report: failure, retryInMs: second },
      { ...good, try: 2, report: delivered },
      { ...bad, try: 2, report: failure },
    ])
    expect(ended).toEqual({ delivered: [good], exhausted: [bad] })
  })

  test('tells its messages from those of another in the same process', async () => {
    const enqueued = collectMessages('enqueued')
    const attempted = collectMessages('attempted')
    const ids = await Promise.all(
      ['a', 'b'].map(async (id) => {
        const { clock, startOutbox } = openTestOutbox()
        const outbox = await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
        await outbox.enqueue([newDelivery(id)])
        await clock.quiet()
        return outbox.id
      }),
    )
    expect(ids[0]).not.toBe(ids[1])
    for (const messages of [enqueued, attempted]) {
      expect(Object.fromEntries(messages.map(({ id, outboxId }) => [id, outboxId]))).toEqual({
        a: ids[0],
        b: ids[1],
      })
    }
  })

  test('delivers what was accepted in a transaction of the application when that commits, without being told', async () => {
    const { clock, file, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    const application = openTestDatabase(file)
    application.exec('BEGIN')
    const accepted = outbox.enqueue([newDelivery('1')], { transaction: application })
    application.exec('COMMIT')
    await accepted
    await clock.quiet()
    expect(endpoint.attempted()).toEqual(['1'])
  })

  test('gives what is accepted the first wait of its endpoint, unless that is said', async () => {
    const { clock, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint({ retryScheduleInMs: [second], answer: () => delivered })
    const outbox = await startOutbox({ endpoints: [endpoint] })
    const { id: _id, ...record } = newDelivery('1')
    await outbox.enqueue([
      { ...record, orderingKey: 'waits' },
      { ...record, orderingKey: 'at once', delayInMs: 0 },
    ])
    await clock.quiet()
    expect(endpoint.attempts.map(({ delivery }) => delivery.orderingKey)).toEqual(['at once'])
    await clock.advance(second)
    expect(endpoint.attempts.map(({ delivery }) => delivery.orderingKey)).toEqual(['at once', 'waits'])
  })
})

describe('idle', () => {
  test('resolves when nothing is due and nothing is under way; what waits for a retry is not waited for', async () => {
    const { clock, startOutbox } = openTestOutbox()
    const endpoint = createTestEndpoint()
    const outbox = await startOutbox({ endpoints: [endpoint] })
    await outbox.idle()
    await outbox.enqueue([newDelivery('1', { orderingKey: '1' }), newDelivery('2', { orderingKey: '2' })])
    let isIdle = false
    const idle = outbox.idle().then(() => (isIdle = true))
    await clock.quiet()
    endpoint.attempts[0]!.end(answered(500))
    await clock.quiet()
    expect(isIdle).toBe(false)
    endpoint.attempts[1]!.end()
    await idle
  })

  test('waits for all of a long line, and for more tasks than are kept in memory', async () => {
    const { ledger, look, startOutbox } = openTestOutbox()
    const outbox = await startOutbox({ endpoints: [createTestEndpoint({ answer: () => delivered })] })
    const deliveries = Array.from({ length: 1000 }, (_, index) =>
      newDelivery(`${index}`, { orderingKey: index < 500 ? 'hot' : `${index}` }),
    )
    await outbox.enqueue(deliveries)
    await outbox.idle()
    expect((await ledger.operate.listDeliveries({ state: 'pending' }, { limit: 1 })).deliveries).toEqual([])
    expect(await look('499')).toMatchObject({ state: 'delivered' })
  })

  test('does not wait for an endpoint that is paused', async () => {
    const { startOutbox } = openTestOutbox()
    const outbox = await startOutbox({ endpoints: [createTestEndpoint()] })
    await outbox.endpoints.pause('one')
    await outbox.enqueue([newDelivery('1')])
    await expect(outbox.idle()).resolves.toBeUndefined()
  })

  test('rejects after its timeout, and resolves without a start', async () => {
    const { createOutbox: create, startOutbox } = openTestOutbox()
    await create({}).idle()
    const outbox = await startOutbox({ endpoints: [createTestEndpoint()] })
    await outbox.enqueue([newDelivery('1')])
    await expect(outbox.idle({ timeoutInMs: 1 })).rejects.toMatchObject({ code: 'idle_timeout' })
    await expect(outbox.idle({ timeoutInMs: -1 })).rejects.toMatchObject({ code: 'option_invalid' })
  })
})

describe('a process', () => {
  const script = fileURLToPath(new URL('testing/outbox-process.ts', import.meta.url))
  const spawnOutbox = (task: string) => {
    const child = spawn(process.execPath, ['--conditions=taskhook-source', script, task, createTestFile()])
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }

  test('that only starts an outbox stays alive', async () => {
    const child = spawnOutbox('start')
    expect(String((await once(child.stdout, 'data'))[0])).toBe('started\n')
    // There is no event for something that does not happen.
    await wait(300)
    expect(child.exitCode).toBe(null)
  })

  test('ends after stop()', async () => {
    const child = spawnOutbox('start-stop')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(0)
  })
})
