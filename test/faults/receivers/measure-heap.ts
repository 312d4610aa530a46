import { Agent, request } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryDedupe } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import type { StartReceiver } from '../../conformance/receiver.ts'
import { secret } from '../../conformance/signed.ts'

/** What a receiver's process keeps in memory. */
export interface HeapGrowth {
  /** After the warm-up, and after all deliveries, in bytes. */
  before: number
  after: number
  perDelivery: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const atOnce = 20

/**
 * Measures by how much the heap grows from one delivery to the next, each with an id of its own and a dedupe store that keeps a hundred.
 * The sender is in the same process, so what it keeps counts too.
 */
export async function measureHeap(
  start: StartReceiver,
  { warmUps, deliveries }: { warmUps: number; deliveries: number },
): Promise<HeapGrowth> {
  await using receiver = await start({
    options: { secret, dedupe: memoryDedupe({ maxEntries: 100 }) },
    handler: () => 204,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  try {
    await deliver(warmUps, receiver.port, agent)
    const before = await usedHeap()
    await deliver(deliveries, receiver.port, agent)
    const after = await usedHeap()
    return { before, after, perDelivery: (after - before) / deliveries }
  } finally {
    agent.destroy()
  }
}

async function deliver(count: number, port: number, agent: Agent): Promise<void> {
  let left = count
  const deliverInTurn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const status = await post(port, agent)
      if (status !== 204) throw new Error(`a delivery was answered ${status}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, deliverInTurn))
}

function post(port: number, agent: Agent): Promise<number | undefined> {
  const { method, url, headers, body } = signedRequest({ secret })
  const length = Buffer.byteLength(body)
  const options = { agent, port, method, path: url, headers: { ...headers, 'content-length': length } }
  return new Promise((resolve, reject) => {
    const client = request({ host: '127.0.0.1', ...options }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
    client.once('error', reject)
    client.end(body)
  })
}

/** What was collected once may have had something to do at its end, and is only gone after that: so it is collected several times. */
async function usedHeap(): Promise<number> {
  for (let times = 0; times < 5; times += 1) {
    collectGarbage()
    await nextTurn()
  }
  return process.memoryUsage().heapUsed
}
