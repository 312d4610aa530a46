import { describe, expect, test } from 'vitest'
import { delivered, newDelivery } from '@taskhook/outbox/testing'
import { areDelivered, startDelivering } from './testing/faults.ts'
import { until } from './testing/until.ts'
import { useTestDatabase } from './testing/test-database.ts'

const database = useTestDatabase()

describe.each(['fast', 'immediate'] as const)('when the server restarts (%s)', (mode) => {
  test('what was attempted meanwhile is written down once it is back, and delivery goes on by itself', async () => {
    const schema = database.createSchema()
    const [ledger, other] = [await database.open({ schema }), await database.open({ schema })]
    await ledger.enqueue(
      [1, 2, 3, 4].map((number) => newDelivery(`${number}`, { orderingKey: `${number % 2}` })),
    )
    const endpoint = await startDelivering(ledger)
    await until(() => endpoint.inFlight.size === 2)

    await database.server.stop(mode)
    endpoint.answer = () => delivered
    for (const attempt of endpoint.inFlight) attempt.end()
    await database.server.start()

    await other.enqueue([newDelivery('5')])
    await until(() => areDelivered(other, '1', '2', '3', '4', '5'))
    expect(endpoint.attempted().toSorted()).toEqual(['1', '2', '3', '4', '5'])
    expect(endpoint.attempted().indexOf('3')).toBeGreaterThan(endpoint.attempted().indexOf('1'))
  })

  test('nothing is accepted by what failed meanwhile, and it can be asked for again', async () => {
    const ledger = await database.open()
    const deliveries = [newDelivery('1'), newDelivery('2')]
    await database.server.stop(mode)
    await expect(ledger.enqueue(deliveries)).rejects.toMatchObject({ code: 'ledger_unavailable' })
    await expect(ledger.operate.getDelivery('1')).rejects.toMatchObject({ code: 'ledger_unavailable' })
    await database.server.start()
    expect(await ledger.operate.getDelivery('1')).toBeUndefined()
    expect(await ledger.enqueue(deliveries)).toMatchObject([{ id: '1' }, { id: '2' }])
  })

  test('of what is being accepted at that moment all is there or nothing, and with its key it is there once', async () => {
    const ledger = await database.open()
    const accepted: number[] = []
    const refused: { batch: number; code: unknown }[] = []
    let batchCount = 0

    function enqueue(batch: number) {
      const ids = [`${batch}/a`, `${batch}/b`]
      return ledger.enqueue(ids.map((id) => newDelivery(id, { orderingKey: id, idempotencyKey: id })))
    }

    async function enqueueUntilRefused(): Promise<void> {
      for (;;) {
        const batch = (batchCount += 1)
        try {
          await enqueue(batch)
          accepted.push(batch)
        } catch (error) {
          refused.push({ batch, code: (error as { code?: unknown }).code })
          return
        }
      }
    }

    const lanes = Array.from({ length: 8 }, enqueueUntilRefused)
    await until(() => accepted.length > 100)
    await database.server.stop(mode)
    await Promise.all(lanes)
    await database.server.start()

    for (const { batch, code } of refused) {
      expect(code).toBe('ledger_unavailable')
      const found = [
        await ledger.operate.getDelivery(`${batch}/a`),
        await ledger.operate.getDelivery(`${batch}/b`),
      ]
      const areThere = found.map((each) => each !== undefined)
      expect(areThere[0]).toBe(areThere[1])
      const again = await enqueue(batch)
      expect(again.map(({ isRepeat }) => isRepeat)).toEqual(areThere)
    }
    expect(refused).toHaveLength(lanes.length)
    const pending = 2 * (accepted.length + refused.length)
    expect(await ledger.operate.listEndpoints()).toMatchObject([{ pending }])
  })
})
