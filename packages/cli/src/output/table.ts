import { stripVTControlCharacters } from 'node:util'

/** Rows as lines with aligned columns, two spaces apart, without blanks at their ends. */
export function toTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join('  ')
      .trimEnd(),
  )
}

function widthOf(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length
}
