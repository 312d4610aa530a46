import path from 'node:path'

const repository = 'taskhook/taskhook'

/** Options of {@link toAbsoluteLinks}. */
export interface AbsoluteLinkOptions {
  /** Where the document is in the repository, such as `packages/core`. */
  directory: string
  /** The tag of the release, whose files the links lead to. */
  tag: string
  /** The files of the repository, from its root. */
  tracked: ReadonlySet<string>
}

/**
 * Makes the relative links of a Markdown document absolute: to the files on GitHub as they were at a release, so that the page of an
 * old version does not change. Pictures lead to the bytes, which a page on npm can show.
 *
 * @throws Error when a link leads to what the repository does not have.
 */
export function toAbsoluteLinks(markdown: string, { directory, tag, tracked }: AbsoluteLinkOptions): string {
  // Code is left as it is: what looks like a link there is none.
  return markdown
    .split(/(^```.*?^```$)/ms)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll(/(!?)(\[[^\]]*\]\()([^)\s]+)\)/g, rewrite),
    )
    .join('')

  function rewrite(all: string, bang: string, label: string, link: string): string {
    if (/^([a-z]+:|#)/.test(link)) return all
    const [file = '', fragment] = link.split('#')
    const target = path.posix.join(directory, file).replace(/\/$/, '')
    const isDirectory = [...tracked].some((name) => name.startsWith(`${target}/`))
    if (!isDirectory && !tracked.has(target)) {
      throw new Error(`${directory}: the link ${link} leads to nothing that Git has`)
    }
    const base =
      bang === '!'
        ? `https://raw.githubusercontent.com/${repository}/${tag}`
        : `https://github.com/${repository}/${isDirectory ? 'tree' : 'blob'}/${tag}`
    return `${bang}${label}${base}/${target}${fragment === undefined ? '' : `#${fragment}`})`
  }
}
