import { nearestName } from './nearest-name.ts'
import { OptionError } from './option-error.ts'

/**
 * Refuses an option that is not known. A misspelt `replayprotection` would otherwise be silently off. The compiler
 * keeps `known` complete: it has each option's name, and no other.
 *
 * @throws OptionError that names the option and the nearest known one, or when `options` is no object.
 * @example
 * checkOptions<{ maxEntries?: number; now?: () => number }>(options, { maxEntries: true, now: true })
 */
export function checkOptions<Options extends object>(
  options: Options | undefined,
  known: Readonly<Record<keyof Options, true>>,
): void {
  if (options !== undefined) checkGivenOptions(options, known)
}

/**
 * The same for options that must be there, since one of them must.
 *
 * @throws OptionError
 * @example
 * checkGivenOptions<{ file: string }>(options, { file: true })
 */
export function checkGivenOptions<Options extends object>(
  options: Options,
  known: Readonly<Record<keyof Options, true>>,
): void {
  if (typeof options !== 'object' || options === null) throw new OptionError('options', 'must be an object')
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const nearest = nearestName(name, Object.keys(known))
    throw new OptionError(name, `is not a known option; the nearest one is "${nearest}"`)
  }
}
