import { memoryDedupe, type DedupeClaim, type DedupeStore } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { exchange, open } from './exchange.ts'
import type { Handler } from './receiver.ts'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'
import { secret, sentAt, signed } from './signed.ts'

const failures: { name: string; fail: Handler; status: number }[] = [
  {
    name: 'throws',
    fail: () => {
      throw new Error('the disk is full')
    },
    status: 500,
  },
  { name: 'rejects', fail: () => Promise.reject(new Error('the disk is full')), status: 500 },
  { name: 'answers 500', fail: () => 500, status: 500 },
  { name: 'answers 404', fail: () => 404, status: 404 },
  { name: 'answers 303', fail: () => 303, status: 303 },
]

describe.each(receiverNames)('%s', (name) => {
  test.each(failures)('a handler that $name is run again by the retry', async ({ fail, status }) => {
    await using delivery = await startDelivery(name, [fail, () => 200])

    expect(await delivery.send()).toMatchObject({ status })
    await delivery.settled('abort')
    expect(await delivery.send()).toMatchObject({ status: 200 })
    expect(delivery.runs).toBe(2)
  })

  test.each([200, 201, 204])('a handler that answers %i is not run again', async (status) => {
    await using delivery = await startDelivery(name, [() => status])

    expect(await delivery.send()).toMatchObject({ status })
    await delivery.settled('commit')
    expect(await delivery.send()).toMatchObject({ status: 204, body: '' })
    expect(delivery.runs).toBe(1)
  })

  test('another delivery of the same event is another delivery', async () => {
    await using delivery = await startDelivery(name, [() => 200, () => 200])

    await delivery.send()
    await delivery.settled('commit')
    expect(await delivery.send(signed({ id: 'msg_another' }))).toMatchObject({ status: 200 })
    expect(delivery.runs).toBe(2)
  })

  test('two at once run once: the other one is told to come back in a second', async () => {
    const gate = Promise.withResolvers<number>()
    await using delivery = await startDelivery(name, [() => gate.promise])

    const first = delivery.send()
    await delivery.running(1)
    const second = await delivery.send()
    expect(second).toMatchObject({ status: 409, headers: { 'retry-after': '1' } })
    expect(JSON.parse(second.body)).toMatchObject({ code: 'delivery_in_progress' })

    gate.resolve(200)
    expect(await first).toMatchObject({ status: 200 })
    await delivery.settled('commit')
    expect(await delivery.send()).toMatchObject({ status: 204 })
    expect(delivery.runs).toBe(1)
  })

  // The claim was let go with the client: each retry ran the handler again, beside the run that was still under way, and
  // six successes were as many failures to the sender.
  test('a client that goes away while the handler runs does not make it run again', async () => {
    const gate = Promise.withResolvers<number>()
    await using delivery = await startDelivery(name, [() => gate.promise])

    await delivery.goAwayWhileRunning(1)
    expect(await delivery.send()).toMatchObject({ status: 409, headers: { 'retry-after': '1' } })
    gate.resolve(200)
    await delivery.settled('commit')
    expect(await delivery.send()).toMatchObject({ status: 204 })
    expect(delivery.runs).toBe(1)
  })

  test('a client that goes away while the handler runs sees the retry when the handler fails', async () => {
    const gate = Promise.withResolvers<number>()
    await using delivery = await startDelivery(name, [() => gate.promise, () => 200])

    await delivery.goAwayWhileRunning(1)
    gate.reject(new Error('the disk is full'))
    await delivery.settled('abort')
    expect(await delivery.send()).toMatchObject({ status: 200 })
    await delivery.settled('commit')
    expect(delivery.runs).toBe(2)
  })

  test('the work that a handler waits for decides, and not its answer', async () => {
    const work = Promise.withResolvers<void>()
    const answerAtOnce: Handler = (webhook) => {
      webhook.waitUntil(work.promise).catch(() => {})
      return 202
    }
    await using delivery = await startDelivery(name, [answerAtOnce, () => 200])

    expect(await delivery.send()).toMatchObject({ status: 202 })
    expect(await delivery.send()).toMatchObject({ status: 409 })
    work.reject(new Error('the disk is full'))
    await delivery.settled('abort')
    expect(await delivery.send()).toMatchObject({ status: 200 })
    expect(delivery.runs).toBe(2)
  })

  test('a handler that says itself how it went is taken at its word', async () => {
    await using delivery = await startDelivery(name, [settleThenAnswer500])

    expect(await delivery.send()).toMatchObject({ status: 500 })
    expect(await delivery.send()).toMatchObject({ status: 204 })
    expect(delivery.runs).toBe(1)
  })

  test('a request without a delivery id is handled each time', async () => {
    await using delivery = await startDelivery(name, [() => 200, () => 200])

    await delivery.send(signed({ standardWebhooks: false }))
    await delivery.send(signed({ standardWebhooks: false }))
    expect(delivery.runs).toBe(2)
  })

  // It had no Retry-After, unlike an inbox whose ledger is away.
  test('a store that cannot claim is a 503 that says when to come back, and nothing is handled', async () => {
    await using delivery = await startDelivery(name, [() => 200], { begin: unavailable })

    const answer = await delivery.send()
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'dedupe_unavailable' })
    expect(delivery.runs).toBe(0)
  })

  test('a store that cannot commit does not change the answer', async () => {
    await using delivery = await startDelivery(name, [() => 201], {}, { commit: unavailable })

    expect(await delivery.send()).toMatchObject({ status: 201 })
    await delivery.settled('commit')
    expect(await delivery.send()).toMatchObject({ status: 409 })
  })

  test('a store that cannot abort does not change the answer', async () => {
    await using delivery = await startDelivery(
      name,
      [() => Promise.reject(new Error('the disk is full'))],
      {},
      {
        abort: unavailable,
      },
    )

    expect(await delivery.send()).toMatchObject({ status: 500 })
    await delivery.settled('abort')
    expect(await delivery.send()).toMatchObject({ status: 409 })
  })
})

const settleThenAnswer500: Handler = async (webhook) => {
  await webhook.settle(true)
  return 500
}

async function unavailable(): Promise<never> {
  throw new Error('the store has no connection')
}

/** Starts a receiver whose handler does one thing after the other, and which remembers deliveries. */
async function startDelivery(
  name: ReceiverName,
  steps: Handler[],
  storeFaults: Partial<DedupeStore> = {},
  claimFaults: Partial<DedupeClaim> = {},
) {
  const started: PromiseWithResolvers<void>[] = steps.map(() => Promise.withResolvers())
  const settled = { commit: Promise.withResolvers<void>(), abort: Promise.withResolvers<void>() }
  const store: DedupeStore = { ...memoryDedupe({ now: () => sentAt.getTime() }), ...storeFaults }
  const begin: DedupeStore['begin'] = async (...parameters) => {
    const state = await store.begin(...parameters)
    if (typeof state === 'string') return state
    const claim = { ...state, ...claimFaults }
    return {
      ...claim,
      commit: (options) => claim.commit(options).finally(settled.commit.resolve),
      abort: () => claim.abort().finally(settled.abort.resolve),
    }
  }
  let runs = 0

  const receiver = await receivers[name]({
    options: {
      secret,
      now: () => sentAt.getTime(),
      dedupe: { ...store, begin },
    },
    handler: (webhook) => {
      const step = steps[runs]
      if (step === undefined) throw new Error(`the handler was run ${runs + 1} times`)
      started[runs]?.resolve()
      runs += 1
      return step(webhook)
    },
  })

  return {
    port: receiver.port,
    send: (request = signed()) => exchange(receiver.port, request),
    /** How often the handler was run. */
    get runs() {
      return runs
    },
    /** Once the handler was run for the nth time. */
    running: (run: number) => started[run - 1]?.promise,
    /** Sends the delivery and goes away once the handler was run for the nth time. */
    async goAwayWhileRunning(run: number) {
      const { client, answer } = open(receiver.port, signed())
      const failed = answer.then(
        () => undefined,
        (error: Error) => error.message,
      )
      client.end()
      await started[run - 1]?.promise
      client.destroy()
      expect(await failed).toBe('socket hang up')
    },
    /** Once the store was told. */
    settled: (how: 'commit' | 'abort') => settled[how].promise,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}
