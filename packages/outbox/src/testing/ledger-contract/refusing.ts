import { describe, expect, test } from 'vitest'
import type { NewDelivery } from '../../delivery.ts'
import { listIds, look } from '../look.ts'
import { newDelivery } from '../new-delivery.ts'
import { openStore, type CreateStore } from './ledger-store.ts'

const malformed: [field: keyof NewDelivery, what: string, value: unknown][] = [
  ...(['id', 'endpointId', 'orderingKey', 'type', 'idempotencyKey', 'payload', 'context'] as const).flatMap(
    (field): [keyof NewDelivery, string, unknown][] => [
      [field, 'is no string', 1],
      [field, 'has U+0000', 'a\0b'],
      [field, 'has half a surrogate pair', 'a\ud800b'],
    ],
  ),
  ...(['id', 'endpointId', 'orderingKey', 'type', 'idempotencyKey'] as const).map(
    (field): [keyof NewDelivery, string, unknown] => [field, 'is too long', 'š'.repeat(501)],
  ),
  ['id', 'is empty', ''],
  ['endpointId', 'is empty', ''],
  ['delayInMs', 'is less than 0', -1],
  ['delayInMs', 'is no number', Number.NaN],
  ['delayInMs', 'is without end', Number.POSITIVE_INFINITY],
]

/** What `enqueue` refuses, before it has changed anything. */
export function describeRefusing<T>(createStore: CreateStore<T>): void {
  describe('enqueue', () => {
    test.each(malformed)(
      'refuses a delivery whose %s %s, and says which field',
      async (field, _what, value) => {
        const { ledger } = await openStore(createStore)
        const refused = ledger.enqueue([newDelivery('1'), newDelivery('2', { [field]: value })])
        await expect(refused).rejects.toMatchObject({
          code: 'option_invalid',
          message: expect.stringMatching(new RegExp(`^${field}: `)),
        })
        expect(await listIds(ledger)).toEqual([])
      },
    )

    test('refuses it before the transaction of the application has changed', async () => {
      const { store, ledger } = await openStore(createStore)
      const application = await store.begin()
      const { transaction } = application
      const refused = ledger.enqueue([newDelivery('1'), newDelivery('2', { type: '\0' })], { transaction })
      await expect(refused).rejects.toMatchObject({ code: 'option_invalid' })
      await ledger.enqueue([newDelivery('3')], { transaction })
      await application.commit()
      expect(await listIds(ledger)).toEqual(['3'])
    })

    test('takes names as long as they may be, and any length of payload', async () => {
      const { ledger } = await openStore(createStore)
      const long = 'š'.repeat(500)
      const payload = JSON.stringify('🙂'.repeat(100_000))
      const delivery = newDelivery(long, {
        endpointId: long,
        orderingKey: long,
        type: long,
        idempotencyKey: long,
        payload,
        context: payload,
      })
      await ledger.enqueue([delivery])
      expect(await look(ledger, long)).toMatchObject(delivery)
    })
  })
}
