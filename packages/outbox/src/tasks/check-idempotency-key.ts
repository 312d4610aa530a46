import { OptionError } from '@taskhook/core'
import { checkStorable } from './check-storable.ts'

/**
 * Checks an idempotency key.
 *
 * @throws OptionError
 */
export function checkIdempotencyKey(idempotencyKey: string | undefined): void {
  if (idempotencyKey === undefined) return
  if (typeof idempotencyKey !== 'string' || idempotencyKey === '' || idempotencyKey.length > 255) {
    throw new OptionError('idempotencyKey', 'must be a string of 1 to 255 characters')
  }
  checkStorable('idempotencyKey', idempotencyKey)
}
