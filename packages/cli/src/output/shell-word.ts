import { printable } from './printable.ts'

/** A text as one word of a command line that an operator copies from the screen: in quotes where a shell would take it apart. */
export function shellWord(text: string): string {
  const shown = printable(text)
  return /^[\w.:/@%+=,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`
}
