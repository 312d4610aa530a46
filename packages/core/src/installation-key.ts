import { createHash, timingSafeEqual } from 'node:crypto'
import { OptionError } from './option-error.ts'
import { WebhookError } from './webhook-error.ts'

/**
 * The value of `?key=`, which tells installations apart; `undefined` when there is none or it is empty.
 *
 * @throws WebhookError `key_unknown` when there are several: which one is meant cannot be known.
 */
export function readInstallation(url: string): string | undefined {
  const start = url.indexOf('?')
  if (start === -1) return undefined
  const end = url.indexOf('#')
  const query = end === -1 ? url.slice(start + 1) : url.slice(start + 1, end)
  const values = new URLSearchParams(query).getAll('key')
  if (values.length > 1) throw new WebhookError('key_unknown', 'the URL has more than one "key" parameter')
  return values[0] || undefined
}

/**
 * Makes the check of an installation against the accepted keys. Fixed-length digests are compared rather than the
 * keys, and all of them, so that the time taken tells nothing about any key, not even its length.
 *
 * @throws OptionError when a key is not a non-empty string.
 */
export function createKeyCheck(
  accepted: string | readonly string[],
): (installation: string | undefined) => void {
  const keys: readonly string[] = typeof accepted === 'string' ? [accepted] : accepted
  if (
    !Array.isArray(keys) ||
    keys.length === 0 ||
    keys.some((key) => typeof key !== 'string' || key === '')
  ) {
    throw new OptionError('key', 'must be a non-empty string or a non-empty array of them')
  }
  const digests = keys.map(digest)

  return (installation) => {
    if (installation === undefined) {
      throw new WebhookError(
        'key_missing',
        'the URL has no "key" parameter: add the one of this installation',
      )
    }
    const given = digest(installation)
    let matches = 0
    for (const known of digests) matches |= Number(timingSafeEqual(given, known))
    if (matches === 0)
      throw new WebhookError('key_unknown', 'the "key" parameter of the URL is not accepted here')
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
