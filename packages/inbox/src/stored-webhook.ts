import { OptionError, readEvent, type VerifiedWebhook, type VerifierOptions } from '@taskhook/core'

/** A webhook as the store keeps it: the body as it is, so that tools show it, and the rest beside it. */
export interface StoredWebhook {
  /** The exact text of the body. */
  payload: string
  /** JSON of what is known beside the body; `undefined` when that is nothing. */
  context?: string | undefined
}

/** What is kept in {@link StoredWebhook.context}. */
interface StoredContext {
  installation?: string | undefined
  tenant?: string | undefined
  delivery?: { id: string; sentAt: number } | undefined
  /** Of the span in which it was accepted. */
  traceparent?: string | undefined
}

// With the byte order mark, if there is one: the bytes must come out as they went in.
const exactUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/**
 * Makes what is stored of a webhook.
 *
 * @throws OptionError for a body that is no UTF-8, which no verifier lets through.
 */
export function storeWebhook<E>(
  { rawBody, installation, tenant, delivery }: VerifiedWebhook<E>,
  traceparent: string | undefined,
): StoredWebhook {
  const context = JSON.stringify({
    installation,
    tenant,
    delivery: delivery && { id: delivery.id, sentAt: delivery.sentAt.getTime() },
    traceparent,
  } satisfies StoredContext)
  return { payload: decode(rawBody), ...(context !== '{}' && { context }) }
}

function decode(rawBody: Uint8Array): string {
  try {
    return exactUtf8.decode(rawBody)
  } catch {
    throw new OptionError('webhook', 'must be a webhook that a verifier returned, with a rawBody in UTF-8')
  }
}

/**
 * Makes a webhook of what was stored of it, its event typed by the schema once more.
 *
 * @throws WebhookError when the schema of today does not take it.
 */
export async function restoreWebhook<E>(
  { payload, context }: StoredWebhook,
  schema: VerifierOptions<E>['schema'],
): Promise<VerifiedWebhook<E>> {
  const rawBody = encoder.encode(payload)
  const { installation, tenant, delivery } = readContext(context)
  return {
    event: await readEvent<E>(rawBody, schema),
    rawBody,
    ...(installation !== undefined && { installation }),
    ...(delivery !== undefined && { delivery: { id: delivery.id, sentAt: new Date(delivery.sentAt) } }),
    ...(tenant !== undefined && { tenant }),
  }
}

/** The `traceparent` of what was stored. */
export function readTraceparent(context: string | undefined): string | undefined {
  return readContext(context).traceparent
}

function readContext(context: string | undefined): StoredContext {
  return context === undefined ? {} : (JSON.parse(context) as StoredContext)
}
