import * as z from 'zod'

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What {@link interpolate} makes of a section. */
export interface Interpolation {
  value: unknown
  issues: { path: PropertyKey[]; message: string }[]
}

const reference = /\$\{(?:([A-Za-z_][A-Za-z0-9_]*)\})?/g

// The deepest string of a valid section: [0] . headers . name
const maxDepth = 3

/**
 * A copy of `section` in which every `${NAME}` of its strings (not of its keys) is replaced from `env`. A replaced
 * value is not looked at again, so a variable can contain a literal `${`. A name that cannot be replaced stays, and is
 * in `issues`.
 */
export function interpolate(section: unknown, env: Environment): Interpolation {
  const issues: Interpolation['issues'] = []

  function interpolateText(text: string, path: PropertyKey[]): string {
    return text.replace(reference, (whole, name: string | undefined) => {
      if (name === undefined) {
        const message =
          'must not have a "${" that does not begin a "${NAME}"; to mean it literally, put the text into a variable'
        issues.push({ path, message })
        return whole
      }
      // Not env[name] alone: "${constructor}" must not find what every object inherits.
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      if (value === undefined) issues.push({ path, message: `the environment variable ${name} is not set` })
      return value ?? whole
    })
  }

  function interpolateValue(value: unknown, path: PropertyKey[]): unknown {
    if (typeof value === 'string') return interpolateText(value, path)
    if (path.length >= maxDepth) return value
    if (Array.isArray(value)) return value.map((item, index) => interpolateValue(item, [...path, index]))
    // Any other object stays what it is, to be refused: a Map has no entries that Object.entries() sees.
    if (!z.core.util.isPlainObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolateValue(item, [...path, key])]),
    )
  }

  return { value: interpolateValue(section, []), issues }
}
