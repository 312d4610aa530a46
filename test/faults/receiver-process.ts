/** A receiver that records every request in the order of arrival, answers some time later, and now and then not well. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { endWithParent, optionsFromParent, tellParent } from './parent.ts'
import type { ReceivedRequest } from './received-request.ts'
import { seededRandom } from './seeded-random.ts'

/** How it behaves. */
export interface ReceiverOptions {
  seed: number
  /** An answer comes after a random time up to this. */
  longestDelayInMs: number
  /** Which part of all requests is not answered well, from 0 to 1. */
  faultRatio: number
  /** What happens to those: answered 500, reset, or reset half-way. */
  faults: readonly ('500' | 'half' | 'reset')[]
}

const { seed, longestDelayInMs, faultRatio, faults } = optionsFromParent<ReceiverOptions>()
const random = seededRandom(seed)
const requests: ReceivedRequest[] = []
let moment = 0

const server = createServer((incoming, response) => {
  incoming.resume().once('end', () => {
    const request: ReceivedRequest = {
      id: String(incoming.headers['webhook-id']),
      sender: String(incoming.headers['x-sender']),
      arrivedAt: (moment += 1),
      endedAt: Number.POSITIVE_INFINITY,
      isDelivered: false,
    }
    requests.push(request)
    const end = (): void => void (request.endedAt = Math.min(request.endedAt, (moment += 1)))
    response.once('close', end)
    const delayInMs = random() * longestDelayInMs
    const fault = random() < faultRatio ? faults[Math.floor(random() * faults.length)] : undefined
    setTimeout(() => {
      if (response.destroyed) return
      end()
      if (fault === '500') return response.writeHead(500).end('try again')
      if (fault === 'reset') return response.destroy()
      if (fault === 'half') {
        response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy())
        return
      }
      request.isDelivered = true
      response.end()
    }, delayInMs)
  })
})
server.listen(0, '127.0.0.1', () => {
  tellParent({ kind: 'listening', port: (server.address() as AddressInfo).port })
})
process.on('message', () => tellParent({ kind: 'requests', requests }))
endWithParent()
