import { nearestName } from '@taskhook/core'
import type * as z from 'zod'
import type { ConfigIssue } from './config-error.ts'
import { webHookKeys } from './web-hook/schema.ts'

/** The keys whose values are, or may have in them, what only the two sides know. */
const concealedKeys: ReadonlySet<PropertyKey> = new Set([
  'endpoint',
  'headers',
  'key',
  'secret',
  'sslKeyPassword',
  'sslTrustPassword',
])

const maxShownLength = 80

/**
 * Puts what the schema says into words: where, what is allowed, what was found.
 *
 * @param written The section as it was written; what came from the environment is not shown.
 * @param value The section that was checked, its variables replaced.
 */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  written: unknown,
  value: unknown,
): ConfigIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: formatPath([...issue.path, key]),
        message: `is not a known key; the nearest one is "${nearestName(key, webHookKeys)}"`,
      }))
    }
    const hint = issue.code === 'invalid_value' ? hintAt(issue, written) : ''
    return [
      {
        path: formatPath(issue.path),
        message: `${issue.message}; found ${foundAt(issue.path, written, value)}${hint}`,
      },
    ]
  })
}

/** `webHook[1].headers["x-installation"]`, as one would write it in JavaScript. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((prefix, key) => {
    if (typeof key === 'number') return `${prefix}[${key}]`
    const name = String(key)
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `${prefix}.${name}` : `${prefix}[${JSON.stringify(name)}]`
  }, 'webHook')
}

function hintAt({ path, values }: z.core.$ZodIssueInvalidValue, written: unknown): string {
  const name = valueAt(written, path)
  // A reference to a variable resembles nothing, and what is in the variable is not for messages.
  if (typeof name !== 'string' || name.includes('${')) return ''
  return `, the nearest is "${nearestName(name, values.map(String))}"`
}

function foundAt(path: readonly PropertyKey[], written: unknown, value: unknown): string {
  const checked = valueAt(value, path)
  const original = valueAt(written, path)
  // A section that is a string is most likely an endpoint.
  const key = path.find((part) => typeof part === 'string')
  if (key === undefined || concealedKeys.has(key)) return describeKind(checked)
  if (typeof original === 'number' || typeof original === 'boolean') return String(original)
  if (typeof original !== 'string' || original === '') return describeKind(checked)

  const shown = JSON.stringify(
    original.length > maxShownLength ? `${original.slice(0, maxShownLength)}…` : original,
  )
  return original === checked ? shown : `${shown} with its variables replaced`
}

function describeKind(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (value === '') return 'an empty string'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null
        ? (parent as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  )
}
