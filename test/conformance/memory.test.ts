import { describe, expect, test } from 'vitest'
import { measureHeap } from '../faults/receivers/measure-heap.ts'
import { receivers } from './receivers.ts'
import { startHono } from './web-receiver.ts'

// A fifth of what was lost when each request was kept. A heap differs by some 100 KB from one look to the next.
const mostBytesADelivery = 1800

const starts = {
  'Express 5': receivers['Express 5'],
  Fastify: receivers.Fastify,
  Hono: receivers.Hono,
  'Hono, with its own Request': startHono({ overrideGlobalObjects: true }),
}

// webhookHandler on @hono/node-server 2 kept 9 KB of each delivery, by a listener for the abort of its request.
describe.each(Object.entries(starts))('%s', (_name, start) => {
  test('keeps nothing of a delivery that was handled', async () => {
    const { perDelivery } = await measureHeap(start, { warmUps: 400, deliveries: 400 })
    expect(perDelivery).toBeLessThan(mostBytesADelivery)
  })
})
