import { OutboxError } from '@taskhook/outbox'

/**
 * The name of a schema as it stands in statements. Only simple names are accepted, which need no quoting in a format
 * string or as the name of a channel.
 *
 * @throws OutboxError `option_invalid`.
 */
export function quoteSchema(name: string): string {
  if (typeof name !== 'string' || !/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new OutboxError(
      'option_invalid',
      'schema: must be lower-case letters, digits and _, at most 63, and not begin with a digit or pg_',
    )
  }
  return `"${name}"`
}

/** The name of a quoted schema, which is also the channel that its ledgers listen to. */
export function nameOf(schema: string): string {
  return schema.slice(1, -1)
}
