import { OptionError } from '@taskhook/core'

/** A header as `curl -H` takes it, `Name: value`; the name in lower case. */
export function parseHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^]*?)[ \t]*$/.exec(text) ?? []
  // The text is not quoted: it may be a credential.
  if (name === undefined || value === undefined) throw new OptionError('header', 'must be "Name: value"')
  return [name.toLowerCase(), value]
}
