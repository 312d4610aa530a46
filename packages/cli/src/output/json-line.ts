import { printableJson } from './printable.ts'

// Since Node.js 22, and not in the types yet.
const { rawJSON } = JSON as unknown as { rawJSON: (json: string) => unknown }

/** A value as one line of JSON. Dates are ISO 8601, and a `bigint` has all its digits. */
export function toJsonLine(value: unknown): string {
  return printableJson(
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'bigint' ? rawJSON(String(member)) : member,
    ),
  )
}
