import { createHash } from 'node:crypto'
import { OptionError, type VerifiedWebhook } from '@taskhook/core'
import type { InboxOptions } from './inbox-options.ts'

// The store takes 1000 bytes, and a character is three of them at the most.
const longestName = 300

/**
 * By what a repeat of a webhook is told: the signed `webhook-id` within the holder of the secret, or what `idOf` gives; `undefined` when it
 * has neither. Never an unsigned header, by which a replay could pass for something new, nor the body, since two events may be the same.
 */
export function nameWebhook<T, E>(
  webhook: VerifiedWebhook<E>,
  { idOf }: Pick<InboxOptions<T, E>, 'idOf'>,
): string | undefined {
  const { delivery, tenant } = webhook
  // A tenant's name has no dot, so no two pairs come to the same text.
  if (delivery !== undefined) return shorten(`${tenant ?? ''}.${delivery.id}`)
  const id: unknown = idOf?.(webhook)
  if (id === undefined) return undefined
  // A promise, null or an object has the same text as the next one, which would pass for its repeat and be lost.
  if (typeof id !== 'string' || id === '') {
    throw new OptionError('idOf', 'must give a non-empty string, or undefined for a webhook without an id')
  }
  return shorten(`idOf:${tenant ?? ''}.${id}`)
}

/** A hash of what is too long for the store, or would be changed by it. */
function shorten(name: string): string {
  if (name.length <= longestName && name.isWellFormed() && !name.includes('\0')) return name
  return `sha256:${createHash('sha256').update(JSON.stringify(name)).digest('base64url')}`
}
