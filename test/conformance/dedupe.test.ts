import { memoryDedupe, type DedupeStore } from '@taskhook/core'
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

  test('a client that goes away while the handler runs may send again', async () => {
    const gate = Promise.withResolvers<number>()
    await using delivery = await startDelivery(name, [() => gate.promise, () => 200])

    const { client, answer } = open(delivery.port, signed())
    client.end()
    await delivery.running(1)
    client.destroy()
    await expect(answer).rejects.toThrow('socket hang up')
    await delivery.settled('abort')

    expect(await delivery.send()).toMatchObject({ status: 200 })
    await delivery.settled('commit')
    gate.resolve(200)
    expect(await delivery.send()).toMatchObject({ status: 204 })
    expect(delivery.runs).toBe(2)
  })

  test('a request without a delivery id is handled each time', async () => {
    await using delivery = await startDelivery(name, [() => 200, () => 200])

    await delivery.send(signed({ standardWebhooks: false }))
    await delivery.send(signed({ standardWebhooks: false }))
    expect(delivery.runs).toBe(2)
  })

  test('a store that cannot claim is a 503, and nothing is handled', async () => {
    await using delivery = await startDelivery(name, [() => 200], { begin: unavailable })

    const answer = await delivery.send()
    expect(answer).toMatchObject({ status: 503 })
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'dedupe_unavailable' })
    expect(delivery.runs).toBe(0)
  })

  test('a store that cannot commit does not change the answer', async () => {
    await using delivery = await startDelivery(name, [() => 201], { commit: unavailable })

    expect(await delivery.send()).toMatchObject({ status: 201 })
    await delivery.settled('commit')
    expect(await delivery.send()).toMatchObject({ status: 409 })
  })

  test('a store that cannot abort does not change the answer', async () => {
    await using delivery = await startDelivery(name, [() => Promise.reject(new Error('the disk is full'))], {
      abort: unavailable,
    })

    expect(await delivery.send()).toMatchObject({ status: 500 })
    await delivery.settled('abort')
    expect(await delivery.send()).toMatchObject({ status: 409 })
  })
})

async function unavailable(): Promise<never> {
  throw new Error('the store has no connection')
}

/** Starts a receiver whose handler does one thing after the other, and which remembers deliveries. */
async function startDelivery(name: ReceiverName, steps: Handler[], faults: Partial<DedupeStore> = {}) {
  const started: PromiseWithResolvers<void>[] = steps.map(() => Promise.withResolvers())
  const settled = { commit: Promise.withResolvers<void>(), abort: Promise.withResolvers<void>() }
  const store: DedupeStore = { ...memoryDedupe({ now: () => sentAt.getTime() }), ...faults }
  let runs = 0

  const receiver = await receivers[name]({
    options: {
      secret,
      now: () => sentAt.getTime(),
      dedupe: {
        ...store,
        commit: (id) => store.commit(id).finally(settled.commit.resolve),
        abort: (id) => store.abort(id).finally(settled.abort.resolve),
      },
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
    /** Once the store was told. */
    settled: (how: 'commit' | 'abort') => settled[how].promise,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}
