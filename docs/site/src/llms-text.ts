/** A group of the sidebar, as far as {@link toLlmsText} reads it. */
export interface PageGroup {
  text?: string
  items?: readonly { text?: string; link?: string }[]
}

/**
 * The site as `llms.txt` has it: what it is, and each page with its address, for a reader that is a program.
 *
 * @see https://llmstxt.org
 */
export function toLlmsText(
  { title, description }: { title: string; description: string },
  groups: readonly PageGroup[],
): string {
  const sections = groups.map(({ text = '', items = [] }) =>
    [`## ${text}`, '', ...items.map((page) => `- [${page.text ?? ''}](${page.link ?? ''})`)].join('\n'),
  )
  return `${[`# ${title}`, `> ${description}`, ...sections].join('\n\n')}\n`
}
