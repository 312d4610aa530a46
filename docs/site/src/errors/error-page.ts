/** What the page of an error code says. The text is Markdown; links start at `docs/errors/`. */
export interface ErrorPage {
  /** Where the code occurs: a class and its package. */
  readonly source: string
  /** Who acts. */
  readonly who: string
  readonly means: string
  /** What to do, the most likely remedy first. */
  readonly remedies: readonly string[]
  /** The HTTP status or the exit code that goes with it. */
  readonly answer?: string
}

/** The pages of some codes, written without what they have in common. */
export type ErrorTexts<Code extends string> = Readonly<
  Record<Code, Pick<ErrorPage, 'means' | 'remedies'> & Partial<Pick<ErrorPage, 'who' | 'source'>>>
>

/** Adds to each page what all of them have in common. */
export function withCommon<Code extends string>(
  common: Pick<ErrorPage, 'source' | 'who'>,
  texts: ErrorTexts<Code>,
): Record<Code, ErrorPage> {
  const entries = Object.entries<ErrorTexts<Code>[Code]>(texts)
  return Object.fromEntries(entries.map(([code, text]) => [code, { ...common, ...text }])) as Record<
    Code,
    ErrorPage
  >
}
