import { sqliteLedger } from '@taskhook/outbox'
import type { AttemptRecord, DeliveryRecord, EndpointRecord, Ledger } from '@taskhook/outbox/ledger'
import {
  createTestFile,
  createTestTime,
  joinDispatcher,
  newDelivery,
  startOfTime,
} from '@taskhook/outbox/testing'

const dayInMs = 24 * 60 * 60 * 1000
/** After all that was done to the file. */
export const timeOfMove: number = startOfTime + 3 * dayInMs

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
    const page = await ledger.operate.listDeliveries({}, { limit: 500, cursor })
    for (const delivery of page.deliveries) {
      const found = delivery.attemptCount === 0 ? undefined : await ledger.operate.getDelivery(delivery.id)
      deliveries.push({ delivery, attempts: found?.attempts ?? [] })
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return { deliveries, endpoints: await ledger.operate.listEndpoints() }
}

/** The same, of a file that no ledger has open. */
export async function readFile(file: string): Promise<Everything> {
  const ledger = sqliteLedger({ file, now: () => timeOfMove })
  try {
    return await readEverything(ledger)
  } finally {
    await ledger.close()
  }
}

/** A SQLite file with deliveries in every state that they can be in while no process delivers, until {@link timeOfMove}. */
export async function createTestOutbox(): Promise<string> {
  const file = createTestFile()
  const time = createTestTime()
  const ledger = sqliteLedger({ file, now: time.now })
  const dispatcher = await joinDispatcher(ledger, { endpointIds: ['one', 'other'] })
  const attempt = { startedAgoInMs: 10, durationInMs: 1.25, outcome: 'retry' } as const

  // Delivered: on several days, at once, after a retry, and after a resend.
  for (const id of ['first', 'second', 'third']) {
    await ledger.enqueue([newDelivery(id, { orderingKey: id, idempotencyKey: `key of ${id}`, context: id })])
    await dispatcher.settle(await dispatcher.readOne(), {
      attempt: {
        ...attempt,
        outcome: 'delivered',
        status: 200,
        response: { headers: { date: 'today' }, excerpt: 'a\u0000b "ü" \u{1f600}', truncated: true },
      },
    })
    time.pass(dayInMs)
  }
  await ledger.operate.resend('second')
  await dispatcher.settle(await dispatcher.readOne())

  // Given up.
  await ledger.enqueue([
    newDelivery('exhausted', { orderingKey: 'x' }),
    newDelivery('canceled', { orderingKey: 'y' }),
  ])
  await ledger.operate.cancel('canceled')
  await dispatcher.settle(await dispatcher.readOne(), {
    attempt: { ...attempt, errorCode: 'connection_refused', errorMessage: 'no server is there' },
    state: 'exhausted',
  })

  // Pending: one that waits for its retry with others behind it, one resent, one not due yet, one of another endpoint.
  await ledger.enqueue([newDelivery('1'), newDelivery('2', { idempotencyKey: 'two' })])
  await dispatcher.settle(await dispatcher.readOne(), {
    attempt: { ...attempt, status: 503 },
    state: 'pending',
    retryInMs: 60_000,
  })
  await ledger.enqueue([newDelivery('3')])
  await ledger.operate.resend('third')
  await ledger.enqueue([
    newDelivery('later', { orderingKey: 'b', delayInMs: dayInMs }),
    newDelivery('elsewhere', { endpointId: 'other', payload: '"ü\u{1f600}\'' }),
  ])
  await ledger.operate.pauseEndpoint('other')
  await ledger.operate.pauseEndpoint('resumed')
  await ledger.operate.resumeEndpoint('resumed')
  await ledger.dispatch.setCircuit('one', { state: 'open', forInMs: 60_000, openings: 2 })
  await ledger.dispatch.leave('first')
  await ledger.close()
  return file
}
