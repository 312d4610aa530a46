import type { Ledger } from '@taskhook/outbox/ledger'
import { joinDispatcher, newDelivery } from '@taskhook/outbox/testing'

/**
 * Fills an outbox: of task `a` at `one`, a delivered event, one that waits for its retry, and one behind it; of task `b` at `two`, which is
 * paused, one that was given up and one that waits; of task `c` one that was canceled.
 */
export async function fillOutbox(ledger: Ledger): Promise<void> {
  const dispatcher = await joinDispatcher(ledger)
  const attempt = { startedAgoInMs: 5, durationInMs: 3, outcome: 'retry' } as const
  await ledger.enqueue([newDelivery('a1', { type: 'OrderCreated' })])
  await dispatcher.settle(await dispatcher.readOne(), {
    attempt: { ...attempt, outcome: 'delivered', status: 204 },
  })
  await ledger.enqueue([newDelivery('a2'), newDelivery('a3', { type: 'OrderExpired' })])
  await dispatcher.settle(await dispatcher.readOne(), {
    state: 'pending',
    retryInMs: 3_600_000,
    attempt: {
      ...attempt,
      status: 503,
      // Its receiver is hostile, and so is what it says.
      errorMessage: 'come \u001b[2J back later',
      response: {
        headers: { 'retry-after': '3600' },
        excerpt: '<b>\u001b]0;owned\u0007</b>',
        truncated: true,
      },
    },
  })
  await ledger.enqueue([newDelivery('b1', { endpointId: 'two', orderingKey: 'b' })])
  await dispatcher.settle(await dispatcher.readOne('two'), {
    state: 'exhausted',
    attempt: { ...attempt, errorCode: 'connection_refused', errorMessage: 'nothing listens there' },
  })
  await ledger.enqueue([newDelivery('b2', { endpointId: 'two', orderingKey: 'b', type: 'OrderRejected' })])
  await ledger.enqueue([newDelivery('c1', { orderingKey: 'c', payload: '{"number":9007199254740993}' })])
  await ledger.operate.cancel('c1')
  await ledger.operate.pauseEndpoint('two')
}
