/** A row as a database driver gives it: named values, of which those that are not there are null. */
export type Row = Readonly<Record<string, unknown>>

/** A property that is there when the column has a value. */
export function optionalText<K extends string>(key: K, value: unknown): { [key in K]?: string } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [key in K]?: string }
}

/** The same of a number, which some drivers give as text. */
export function optionalNumber<K extends string>(key: K, value: unknown): { [key in K]?: number } {
  return (value === null || value === undefined ? {} : { [key]: Number(value) }) as { [key in K]?: number }
}
