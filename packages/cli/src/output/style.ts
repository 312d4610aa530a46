/** How text stands out. Without colour, each of these gives it back as it is. */
export interface Style {
  strong: (text: string) => string
  faint: (text: string) => string
  good: (text: string) => string
  bad: (text: string) => string
  warning: (text: string) => string
}

/** Makes a style with ANSI sequences, or one without. */
export function createStyle(hasColor: boolean): Style {
  const wrap =
    (on: number, off: number) =>
    (text: string): string =>
      hasColor && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    strong: wrap(1, 22),
    faint: wrap(2, 22),
    good: wrap(32, 39),
    bad: wrap(31, 39),
    warning: wrap(33, 39),
  }
}
