import { createHash } from 'node:crypto'

// The id of a delivery is mostly a UUID, with the name of its tenant before it.
const plainId = /^(?!#)[\x20-\x7e]{1,64}$/

/**
 * What a dedupe store keeps in place of an id: the id itself if it is short printable ASCII, else its hash. So an entry is
 * bounded in bytes, and no database can refuse an id, fold two into one, or compare them by a language's rules. No id can
 * pass for the hash of another: a hash begins with `#`, and an id that does is hashed.
 *
 * For stores of your own: `@taskhook/outbox/dedupe` and `@taskhook/postgres/dedupe` use it.
 *
 * @example
 * toDedupeKey('msg_2KWPBgLlAfxdpx2AI54pPJ85f4W') // the same
 */
export function toDedupeKey(id: string): string {
  if (plainId.test(id)) return id
  // UTF-16 and not UTF-8, which has one encoding for all halves of surrogate pairs.
  return `#${createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('base64url')}`
}
