import { OutboxError } from '@taskhook/outbox'
import type { NewDelivery } from '@taskhook/outbox/ledger'
import { newDelivery } from '@taskhook/outbox/testing'
import { describe, expect, test } from 'vitest'
import { createEnqueueQueue } from './enqueue-queue.ts'

const patience = { group: 4, single: 2, look: 3, most: 50 }

/** A queue over a store in which transactions hold some keys, which says what it was asked to write. */
function createTestQueue(fail: (deliveries: readonly NewDelivery[]) => Error | undefined = () => undefined) {
  const held = new Set<string>()
  const written: string[] = []
  const asked: { ids: string; patienceInMs: number }[] = []
  const enqueue = createEnqueueQueue(async (groups, patienceInMs) => {
    const deliveries = groups.flat()
    asked.push({ ids: deliveries.map(({ id }) => id).join(), patienceInMs })
    await new Promise((resolve) => void setImmediate(resolve))
    const error = fail(deliveries)
    if (error !== undefined) throw error
    if (deliveries.some(({ idempotencyKey }) => held.has(idempotencyKey ?? ''))) throw keyHeld
    written.push(...deliveries.map(({ id }) => id))
    return groups.map((group) => group.map(({ id }) => ({ id, isRepeat: false })))
  }, patience)
  return { enqueue, held, written, asked }
}

// https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/storage/lmgr/lmgr.c, XactLockTableWaitErrorCb
const keyHeld = busy(
  'while inserting index tuple (0,3) in relation "idempotency_keys"\nSQL statement "INSERT …"',
)
const tableLocked = busy('SQL statement "INSERT INTO "taskhook".idempotency_keys …"')

function busy(where: string): OutboxError {
  return new OutboxError('ledger_busy', 'others hold a lock', {
    cause: Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03', where }),
  })
}

function keyed(id: string): NewDelivery[] {
  return [newDelivery(id, { idempotencyKey: id })]
}

describe('the queue of what is enqueued', () => {
  test('writes what comes together as one group', async () => {
    const { enqueue, asked } = createTestQueue()
    await Promise.all([enqueue([newDelivery('1')]), enqueue([newDelivery('2'), newDelivery('3')])])
    expect(asked).toEqual([{ ids: '1,2,3', patienceInMs: patience.group }])
  })

  test('fails with ledger_busy what has waited for a key for too long, and accepts the others at once', async () => {
    const { enqueue, held, written } = createTestQueue()
    held.add('b')
    const stuck = enqueue(keyed('b'))
    await Promise.all([enqueue(keyed('a')), enqueue(keyed('c')), enqueue([newDelivery('d')])])
    expect(written).toEqual(['a', 'c', 'd'])
    await expect(stuck).rejects.toMatchObject({ code: 'ledger_busy' })
  })

  test('lets no group be held up by a key that is known to be held', async () => {
    const { enqueue, held, asked } = createTestQueue()
    held.add('b')
    const stuck = enqueue(keyed('b'))
    await enqueue(keyed('a'))
    asked.length = 0
    const again = enqueue(keyed('b'))
    await Promise.all([enqueue(keyed('c')), enqueue(keyed('d'))])
    expect(asked.filter(({ ids }) => ids !== 'b')).toEqual([{ ids: 'c,d', patienceInMs: patience.group }])
    held.clear()
    expect((await Promise.all([stuck, again])).flat()).toHaveLength(2)
  })

  test('waits with all, in their order, while a whole table is locked', async () => {
    let isLocked = true
    const { enqueue, asked, written } = createTestQueue(() => (isLocked ? tableLocked : undefined))
    const first = [enqueue(keyed('a')), enqueue([newDelivery('b')])]
    await Promise.allSettled(first)
    expect(asked).toEqual([
      { ids: 'a,b', patienceInMs: patience.group },
      { ids: 'a,b', patienceInMs: patience.most },
    ])
    isLocked = false
    await Promise.all([enqueue([newDelivery('c')]), enqueue(keyed('d'))])
    expect(written).toEqual(['c', 'd'])
  })

  test('fails the one that cannot be stored, and not those beside it', async () => {
    const refused = new OutboxError('option_invalid', 'refused')
    const { enqueue, written } = createTestQueue((deliveries) =>
      deliveries.some(({ id }) => id === '2') ? refused : undefined,
    )
    const results = await Promise.allSettled(['1', '2', '3'].map((id) => enqueue([newDelivery(id)])))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(written).toEqual(['1', '3'])
  })

  test('fails what was not written when the database goes away half-way, and only that', async () => {
    const lost = new OutboxError('ledger_unavailable', 'lost')
    const { enqueue, held, written } = createTestQueue((deliveries) =>
      deliveries.length === 1 && deliveries[0]!.id === '2' ? lost : undefined,
    )
    held.add('4')
    const results = await Promise.allSettled(['1', '2', '3', '4'].map((id) => enqueue(keyed(id))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(written).toEqual(['1'])
  })
})
