import { once } from 'node:events'
import { connect } from 'node:net'
import { memoryDedupe } from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import { exchange, type WireRequest } from './exchange.ts'
import type { Handler } from './receiver.ts'
import { receiverNames, receivers } from './receivers.ts'
import { secret, sentAt, signed } from './signed.ts'

const [first, second] = [signed({ id: 'msg_1' }), signed({ id: 'msg_2' })]

// Before Node.js 24.5, the response of a pipelined request that waits for its turn hears nothing when its
// connection ends, and its delivery stayed claimed.
describe.each(receiverNames)('%s, of two requests sent at once on a connection that ends', (name) => {
  test.each<{ how: string; end: Handler; retried: number; runs: number }>([
    { how: 'succeeds', end: () => 200, retried: 204, runs: 1 },
    { how: 'fails', end: () => Promise.reject(new Error('the disk is full')), retried: 200, runs: 2 },
  ])('the second one, whose handler $how, is settled', async ({ end, retried, runs }) => {
    const gate = Promise.withResolvers<void>()
    const bothRun = Promise.withResolvers<void>()
    const runsOf = new Map<string, number>()
    const settled = Promise.withResolvers<void>()
    const store = memoryDedupe({ now: () => sentAt.getTime() })
    await using receiver = await receivers[name]({
      options: {
        secret,
        now: () => sentAt.getTime(),
        dedupe: {
          ...store,
          async begin(id) {
            const claim = await store.begin(id)
            if (typeof claim === 'string' || id !== 'msg_2') return claim
            return {
              ...claim,
              commit: () => claim.commit().finally(settled.resolve),
              abort: () => claim.abort().finally(settled.resolve),
            }
          },
        },
      },
      async handler(webhook) {
        const { id = '' } = webhook.delivery ?? {}
        const run = (runsOf.get(id) ?? 0) + 1
        runsOf.set(id, run)
        if (run > 1) return 200
        if (runsOf.size === 2) bothRun.resolve()
        await gate.promise
        return end(webhook)
      },
    })

    const client = connect({ port: receiver.port, host: '127.0.0.1' })
    client.on('error', () => {})
    client.write(toText(first) + toText(second))
    await bothRun.promise
    client.destroy()
    await once(client, 'close')
    gate.resolve()
    await settled.promise

    expect(await exchange(receiver.port, second)).toMatchObject({ status: retried })
    expect(runsOf.get('msg_2')).toBe(runs)
  })
})

function toText({ path, headers, chunks = [] }: WireRequest): string {
  const lines = [['host', '127.0.0.1'], ...headers].map(([header, value]) => `${header}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${chunks.join('')}`
}
