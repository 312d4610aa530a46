import { readFile } from 'node:fs/promises'
import {
  createVerifier,
  WebhookError,
  webhookErrorStatuses,
  type DedupeStore,
  type WebhookAnswer,
} from '@taskhook/core'
import { describe, expect, test } from 'vitest'
import type { ReceiverVector, VectorSituation } from './receiver-vector.ts'
import { receiverVectors } from './receiver-vectors.ts'

interface VectorFile {
  now: string
  toleranceInSeconds: number
  bodyLimitInBytes: number
  vectors: ReceiverVector[]
}

// What is published, and not what it is made by.
const file = JSON.parse(
  await readFile(new URL('../../generated/receiver-vectors.json', import.meta.url), 'utf8'),
) as VectorFile

describe('a verifier', () => {
  test.each(file.vectors)('$name: $why', async ({ receiver, request, situation, expected }) => {
    const handled: unknown[] = []
    const ignored: string[] = []
    const { secrets, keys, ...options } = receiver
    const verifier = createVerifier({
      secret: situation === 'secret-store-away' ? () => Promise.reject(new Error('away')) : secrets,
      ...(keys !== undefined && { key: keys }),
      ...options,
      ...(situation === 'body-stalls' && { bodyTimeoutInMs: 50 }),
      contentType: 'required',
      toleranceInSeconds: file.toleranceInSeconds,
      bodyLimitInBytes: file.bodyLimitInBytes,
      now: () => Date.parse(file.now),
      onIgnored: ({ eventType }) => void ignored.push(eventType),
      ...dedupeIn(situation),
    })
    const answer = await verifier.handle(
      { url: request.url, headers: joinHeaders(request), body: bodyIn(situation, request) as Uint8Array },
      ({ event, delivery, installation }) => {
        if (situation === 'inbox-away') throw new WebhookError('inbox_unavailable', 'away')
        handled.push({
          outcome: 'event',
          taskId: event.taskId,
          eventType: event.eventType,
          ...(delivery && { deliveryId: delivery.id }),
          ...(installation !== undefined && { installation }),
        })
      },
      { onError: () => {} },
    )

    expect(handled).toEqual(expected.outcome === 'event' ? [expected] : [])
    expect(ignored).toEqual(expected.outcome === 'ignored' ? [expected.eventType] : [])
    expect(summarize(answer)).toEqual(
      expected.outcome === 'refused' ? { status: expected.status, code: expected.code } : { status: 204 },
    )
  })
})

function summarize({ status, body }: WebhookAnswer): object {
  return body === '' ? { status } : { status, code: (JSON.parse(body) as { code?: string }).code }
}

/** Several headers of one name are one, joined with a comma (RFC 9110 section 5.3). */
function joinHeaders({ headers }: ReceiverVector['request']): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, value] of headers) joined[name] = name in joined ? `${joined[name]}, ${value}` : value
  return joined
}

function bodyIn(situation: VectorSituation | undefined, { bodyBase64 }: ReceiverVector['request']): unknown {
  const bytes = Buffer.from(bodyBase64, 'base64')
  if (situation === 'body-parsed-before') return JSON.parse(bytes.toString())
  if (situation === 'body-stalls') return stall(bytes)
  return situation === 'body-cut-short' ? cutShort(bytes) : bytes
}

async function* stall(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 10)
  await new Promise(() => {})
}

async function* cutShort(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 10)
  throw new Error('aborted')
}

function dedupeIn(situation: VectorSituation | undefined): { dedupe?: DedupeStore } {
  const times = { claimInMs: 60_000, keepInMs: 86_400_000 }
  switch (situation) {
    case 'delivery-done':
      return { dedupe: { ...times, begin: async () => 'done' } }
    case 'delivery-in-progress':
      return { dedupe: { ...times, begin: async () => 'in-progress' } }
    case 'dedupe-store-away':
      return { dedupe: { ...times, begin: () => Promise.reject(new Error('away')) } }
    default:
      return {}
  }
}

test('there is a vector for each code, with its status', () => {
  const refused = file.vectors.flatMap(({ expected }) =>
    expected.outcome === 'refused' ? [[expected.code, expected.status] as const] : [],
  )
  expect(Object.fromEntries(refused)).toEqual(webhookErrorStatuses)
})

test('names are unique, and stay', () => {
  const names = file.vectors.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('vectors for a running receiver are as good as the published ones', async () => {
  const now = new Date()
  const live = receiverVectors({ now, secret: 'another secret', key: 'k', path: '/hook' })
  expect(live.map(({ name }) => name)).toEqual(file.vectors.map(({ name }) => name))
  const [plain] = live
  const { receiver, request } = plain as ReceiverVector
  const verifier = createVerifier({ secret: receiver.secrets })
  expect(
    await verifier.verify({
      url: request.url,
      headers: joinHeaders(request),
      body: Buffer.from(request.bodyBase64, 'base64'),
    }),
  ).toMatchObject({ outcome: 'event' })
})
