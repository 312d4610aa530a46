import { webhookErrorStatuses, type WebhookErrorCode } from '@taskhook/core'
import type { JsonObject } from './task-event-schema.ts'

export const info: JsonObject & { license: { name: string; identifier: string } } = {
  title: 'Task webhooks',
  version: '1.0.0',
  description:
    'An automation service moves tasks from state to state, and posts a small signed body at each change. ' +
    'The receiver verifies it, answers 2xx, and fetches the full task from the automation service.',
  license: { name: 'MIT', identifier: 'MIT' },
}

/** The headers of a request: name, schema and what it is for. */
export const requestHeaders: readonly { name: string; schema: JsonObject; description: string }[] = [
  {
    name: 'x-signature',
    schema: { type: 'string' },
    description:
      'HMAC-SHA256 of the exact bytes of the body, with the shared secret as key. Senders write lower-case hex; receivers ' +
      'take hex in either case, Base64 and Base64url, padded or not, with or without "sha256=" before it.',
  },
  {
    name: 'webhook-id',
    schema: { type: 'string', pattern: '^[!-\\-/-~]+$' },
    description: 'The id of the delivery, the same at each attempt (Standard Webhooks).',
  },
  {
    name: 'webhook-timestamp',
    schema: { type: 'string', pattern: '^[0-9]{1,12}$' },
    description: 'When this attempt was sent, in seconds since 1970 (Standard Webhooks).',
  },
  {
    name: 'webhook-signature',
    schema: { type: 'string' },
    description:
      'One or more signatures of "<webhook-id>.<webhook-timestamp>.<body>", separated by spaces: "v1,<Base64>" is HMAC-SHA256 ' +
      'with a shared secret, "v1a,<Base64>" is Ed25519 (Standard Webhooks).',
  },
  {
    name: 'webhook-key-id',
    schema: { type: 'string' },
    description:
      'With Ed25519: the "kid" of each key in the sender\'s JSON Web Key Set. A hint, and not signed.',
  },
]

/** The query parameter that tells installations apart. */
export const keyParameter: JsonObject & { schema: JsonObject; description: string } = {
  name: 'key',
  in: 'query',
  required: false,
  schema: { type: 'string', minLength: 1 },
  description: 'Tells installations apart. It is not signed.',
}

/** The codes of refusals by status. */
export function codesByStatus(): Map<number, WebhookErrorCode[]> {
  const byStatus = new Map<number, WebhookErrorCode[]>()
  const statuses = Object.entries(webhookErrorStatuses) as [WebhookErrorCode, number][]
  for (const [code, status] of statuses) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return new Map([...byStatus].toSorted(([one], [other]) => one - other))
}
