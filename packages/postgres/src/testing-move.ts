import { join } from 'node:path'
import {
  sqliteLedger,
  type AttemptRecord,
  type DeliveryRecord,
  type EndpointRecord,
  type Ledger,
} from '@taskhook/outbox'
import { createTestDirectory } from '../../outbox/src/testing-directory.ts'
import { claimOne, newDelivery, settle, startOfTime } from '../../outbox/src/testing-ledger.ts'

const dayInMs = 24 * 60 * 60 * 1000

/** All that a ledger tells of what is in it. */
export interface Everything {
  deliveries: { delivery: DeliveryRecord; attempts: AttemptRecord[] }[]
  endpoints: EndpointRecord[]
}

/** Looks up everything. */
export async function readEverything(ledger: Ledger): Promise<Everything> {
  const deliveries: Everything['deliveries'] = []
  let cursor: string | undefined
  do {
    const page = await ledger.listDeliveries({}, { limit: 500, cursor })
    for (const delivery of page.deliveries) {
      const found = delivery.attemptCount === 0 ? undefined : await ledger.getDelivery(delivery.id)
      deliveries.push({ delivery, attempts: found?.attempts ?? [] })
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return { deliveries, endpoints: await ledger.listEndpoints([]) }
}

/** The same, of a file that nobody has open. */
export async function readFile(file: string): Promise<Everything> {
  const ledger = sqliteLedger({ file })
  try {
    return await readEverything(ledger)
  } finally {
    await ledger.close()
  }
}

/** A SQLite file with deliveries in every state that they can be in while nobody delivers. */
export async function createTestOutbox(): Promise<string> {
  const file = join(createTestDirectory(), 'outbox.db')
  const ledger = sqliteLedger({ file })
  const attempt = { startedAt: startOfTime, durationInMs: 1.25, outcome: 'retry' as const }

  // Delivered: on several days, at once, after a retry, and after a resend.
  for (const [day, id] of ['first', 'second', 'third'].entries()) {
    const now = startOfTime + day * dayInMs
    await ledger.enqueue([newDelivery(id, { orderingKey: id, idempotencyKey: `key of ${id}` })])
    await settle(ledger, await claimOne(ledger, { now }), {
      now,
      attempt: {
        ...attempt,
        outcome: 'delivered',
        status: 200,
        response: { headers: { date: 'today' }, excerpt: 'a\u0000b "ü" \u{1f600}', truncated: true },
      },
    })
  }
  await ledger.resend('second', startOfTime + 5)
  const again = await claimOne(ledger, { now: startOfTime + 5 })
  await settle(ledger, again, { now: startOfTime + 5 })

  // Given up.
  await ledger.enqueue([
    newDelivery('exhausted', { orderingKey: 'x' }),
    newDelivery('canceled', { orderingKey: 'y' }),
  ])
  await ledger.cancel('canceled', startOfTime + 7)
  await settle(ledger, await claimOne(ledger), {
    attempt: { ...attempt, errorCode: 'connection_refused', errorMessage: 'nobody is there' },
    state: 'exhausted',
  })

  // Pending: one that waits for its retry with others behind it, one resent, one not due yet, one of another endpoint.
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { idempotencyKey: 'two' })])
  await settle(ledger, await claimOne(ledger), {
    attempt: { ...attempt, status: 503, nextAttemptAt: startOfTime + 60_000 },
    state: 'pending',
    readyAt: startOfTime + 60_000,
  })
  await ledger.enqueue([newDelivery('3')])
  await ledger.resend('third', startOfTime + 9)
  await ledger.enqueue([
    newDelivery('later', { orderingKey: 'b', readyAt: startOfTime + dayInMs }),
    newDelivery('elsewhere', { endpointId: 'other', payload: '"ü\u{1f600}\'' }),
  ])
  await ledger.pauseEndpoint('other', 'gone', startOfTime + 11)
  await ledger.pauseEndpoint('resumed', 'operator', startOfTime)
  await ledger.resumeEndpoint('resumed', startOfTime + 12)
  await ledger.noteCircuit('one', { state: 'open', since: startOfTime + 13 })
  await ledger.close()
  return file
}
