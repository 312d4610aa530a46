import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ReceiverVector } from '@taskhook/contract'
import { describe, expect, test } from 'vitest'
import { exchange } from './exchange.ts'
import { receiverNames, receivers, type ReceiverName } from './receivers.ts'

interface VectorFile {
  now: string
  vectors: ReceiverVector[]
}

const path = fileURLToPath(import.meta.resolve('@taskhook/contract/receiver-vectors.json'))
const { now, vectors } = JSON.parse(await readFile(path, 'utf8')) as VectorFile
// A situation is brought about by the tests of each adapter.
const plain = vectors.filter(({ situation }) => situation === undefined)

// Fastify refuses what is over its own limit, before the plugin is asked.
const differs: Partial<Record<ReceiverName, Record<string, string>>> = {
  Fastify: { 'too-large': 'FST_ERR_CTP_BODY_TOO_LARGE' },
}

describe.each(receiverNames)('%s', (name) => {
  test.each(plain)('$name: $why', async ({ name: vector, receiver, request, expected }) => {
    const { secrets, keys, ...options } = receiver
    const handled: object[] = []
    await using started = await receivers[name]({
      options: {
        secret: secrets,
        ...(keys !== undefined && { key: keys }),
        ...options,
        now: () => Date.parse(now),
      },
      handler: ({ event, delivery, installation }) => {
        handled.push({
          outcome: 'event',
          taskId: event.taskId,
          eventType: event.eventType,
          ...(delivery && { deliveryId: delivery.id }),
          ...(installation !== undefined && { installation }),
        })
        return 204
      },
    })
    const { status, body } = await exchange(started.port, {
      path: request.url,
      headers: request.headers,
      chunks: request.bodyBase64 === '' ? [] : [Buffer.from(request.bodyBase64, 'base64')],
    })

    expect(handled).toEqual(expected.outcome === 'event' ? [expected] : [])
    expect({ status, code: body && (JSON.parse(body) as { code: string }).code }).toEqual(
      expected.outcome === 'refused'
        ? { status: expected.status, code: differs[name]?.[vector] ?? expected.code }
        : { status: 204, code: '' },
    )
  })
})
