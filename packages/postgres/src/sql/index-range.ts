/**
 * The condition and order of a range of an index: rows after one and up to another. Compared as rows and sorted by all columns, although the
 * first ones may be the same in both: no other index gives that, so none is taken by mistake, whatever the statistics say of a queue that was
 * empty when they were gathered.
 */
export function indexRange(
  table: string,
  columns: readonly string[],
  { after, upTo, before }: { after: readonly string[]; upTo?: readonly string[]; before?: readonly string[] },
): { where: string; order: string; reverseOrder: string } {
  const names = columns.map((column) => `${table}.${column}`)
  const end = upTo === undefined ? `< ${row(before ?? [])}` : `<= ${row(upTo)}`
  return {
    where: `${row(names)} > ${row(after)} AND ${row(names)} ${end}`,
    order: names.join(', '),
    reverseOrder: names.map((name) => `${name} DESC`).join(', '),
  }
}

function row(values: readonly string[]): string {
  return `(${values.join(', ')})`
}

/** Greater than any number of a delivery, and less than any. */
export const maxNumber = '9223372036854775807'
export const minNumber = '-9223372036854775807'
