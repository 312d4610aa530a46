import { stripVTControlCharacters, styleText } from 'node:util'

// styleText leaves out the colours where standard output is no terminal, or NO_COLOR is set.

/** What is printed. */
export type Print = (line: string) => void

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

export function heading(text: string): string {
  return `\n${styleText('bold', text)}\n`
}

/** One line of a table; the last cell is as wide as it is. */
export function row(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const missing = (widths[index] ?? 0) - stripVTControlCharacters(cell).length
    return cell + ' '.repeat(Math.max(0, missing))
  })
  return `  ${padded.join('  ')}`.trimEnd()
}

export function headerRow(cells: readonly string[], widths: readonly number[]): string {
  return styleText('dim', row(cells, widths))
}

export function verdict(passed: boolean, text: string): string {
  return styleText(passed ? 'green' : 'red', text)
}

export function timeOfDay(time: Date | number): string {
  return clock.format(time)
}

export function milliseconds(timeInMs: number): string {
  return `${timeInMs.toFixed(1)} ms`.padStart(9)
}

export function seconds(timeInMs: number): string {
  return `${(timeInMs / 1000).toFixed(1)} s`
}
