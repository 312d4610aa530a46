import { createHmac, createSecretKey, randomUUID } from 'node:crypto'
import { Webhooks } from '@octokit/webhooks'
import { createVerifier, encodeTaskEvent } from '@taskhook/core'
import { signedRequest } from '@taskhook/core/testing'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Stripe } from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import type { Bench, Candidate } from './bench.ts'
import { checkByHand } from './check-by-hand.ts'
import { receiveRequests, type ReceivedRequest, type SentRequest } from './receive-requests.ts'
import { secret } from './secret.ts'

const floor = 'by hand'
const requestCount = 64
const batchDurationInMs = 25
const batchSize = 50

/**
 * One verification of one event: signature, JSON, and with us the schema. Every library gets a request signed its own
 * way, as Node.js has it: bytes, and the headers of a real request.
 */
export async function verify(): Promise<Bench> {
  const standardSecret = `whsec_${Buffer.from(secret).toString('base64')}`
  const key = createSecretKey(secret, 'utf8')
  const verifier = createVerifier({ secret })
  const octokit = new Webhooks({ secret })
  const standard = new StandardWebhook(standardSecret)
  const svix = new SvixWebhook(standardSecret)

  const [ours, oursStandard, github, stripes, standards, svixes] = await Promise.all([
    receive(() => signedRequest({ secret, standardWebhooks: false })),
    receive(() => signedRequest({ secret })),
    receive(githubRequest),
    receive(stripeRequest),
    receive(() => standardRequest('webhook', standard)),
    receive(() => standardRequest('svix', svix)),
  ])

  async function verifyOurs(request: ReceivedRequest): Promise<void> {
    const { outcome } = await verifier.verify(request)
    if (outcome !== 'event') throw new Error(`expected an event, got ${outcome}`)
  }

  return {
    title: 'verify',
    unit: 'ns/op',
    rounds: 100,
    candidates: [
      candidate(floor, ours, ({ headers, body }) => checkByHand(key, body, headers['x-signature'])),
      {
        ...candidate('@taskhook/core', ours, verifyOurs),
        floor,
        target: '≤ 1.25',
      },
      {
        ...candidate('@taskhook/core, Standard Webhooks headers too', oursStandard, verifyOurs),
        floor,
      },
      {
        ...candidate('@octokit/webhooks, and JSON.parse', github, async ({ headers, body }) => {
          const text = body.toString()
          if (!(await octokit.verify(text, headerOf(headers, 'x-hub-signature-256'))))
            throw new Error('refused')
          JSON.parse(text)
        }),
        floor,
      },
      {
        ...candidate('stripe', stripes, ({ headers, body }) =>
          Stripe.webhooks.constructEvent(body, headerOf(headers, 'stripe-signature'), secret),
        ),
        floor,
      },
      {
        ...candidate('standardwebhooks', standards, ({ headers, body }) =>
          standard.verify(body, headers as Record<string, string>),
        ),
        floor,
      },
      {
        ...candidate('svix', svixes, ({ headers, body }) =>
          svix.verify(body, headers as Record<string, string>),
        ),
        floor,
      },
    ],
    async [Symbol.asyncDispose]() {},
  }
}

function receive(make: () => SentRequest): Promise<ReceivedRequest[]> {
  return receiveRequests(Array.from({ length: requestCount }, make))
}

function eventBody(): string {
  return encodeTaskEvent({ taskId: randomUUID(), eventType: 'OrderAccepted' })
}

function githubRequest(): SentRequest {
  const body = eventBody()
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  }
}

function stripeRequest(): SentRequest {
  const body = eventBody()
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret })
  return { headers: { 'content-type': 'application/json', 'stripe-signature': signature }, body }
}

function standardRequest(prefix: 'webhook' | 'svix', signer: StandardWebhook | SvixWebhook): SentRequest {
  const body = eventBody()
  const id = randomUUID()
  const sentAt = new Date()
  return {
    headers: {
      'content-type': 'application/json',
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(Math.floor(sentAt.getTime() / 1000)),
      [`${prefix}-signature`]: signer.sign(id, sentAt, body),
    },
    body,
  }
}

function headerOf(headers: ReceivedRequest['headers'], name: string): string {
  return String(headers[name])
}

function candidate(
  name: string,
  requests: readonly ReceivedRequest[],
  check: (request: ReceivedRequest) => unknown,
): Candidate {
  return {
    name,
    async measure() {
      const startedAt = performance.now()
      let operations = 0
      let elapsedInMs: number
      do {
        for (const end = operations + batchSize; operations < end; operations++) {
          const checked = check(requests[operations % requests.length] as ReceivedRequest)
          // A check that is synchronous is not awaited by who calls it, and is not charged for it.
          if (checked instanceof Promise) await checked
        }
        elapsedInMs = performance.now() - startedAt
      } while (elapsedInMs < batchDurationInMs)
      return (elapsedInMs * 1e6) / operations
    },
  }
}
