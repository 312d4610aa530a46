import { OptionError } from '@taskhook/core'

/**
 * Checks what a database would change: it has U+FFFD for lone surrogates, and two texts would be one; and no U+0000, if it is
 * PostgreSQL.
 *
 * @throws OptionError
 */
export function checkStorable(option: string, text: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return
  throw new OptionError(option, 'must not contain lone surrogates or U+0000')
}
