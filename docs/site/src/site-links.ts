import { existsSync } from 'node:fs'
import path from 'node:path'

const repository = 'https://github.com/taskhook/taskhook/blob/main/'

/** What is needed of a token of markdown-it. */
export interface LinkToken {
  type: string
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}

/** Where the site has a Markdown file of the repository: a README is the index of its folder. */
export function toSitePage(file: string): string {
  return file.replace(/(^|\/)README\.md$/, '$1index.md')
}

/**
 * A link as it works on GitHub, made to work on the site: to the page of a Markdown file, to GitHub for any other file.
 *
 * @param link As it is in the file: relative to it, or a URL.
 * @param options.file The file that has the link, from the root of the repository.
 * @throws Error when a file is not there.
 */
export function toSiteLink(link: string, { file, root }: { file: string; root: string }): string {
  if (/^([a-z]+:|#|\/)/.test(link)) return link
  const [, name = '', rest = ''] = /^([^#?]*)(.*)$/.exec(link) ?? []
  const target = path.posix.join(path.posix.dirname(file), decodeURI(name))
  if (!existsSync(path.join(root, target))) throw new Error(`${file} links to ${link}, which is not there`)
  if (!target.endsWith('.md')) return `${repository}${target.replace(/\/$/, '')}${rest}`
  return `/${toSitePage(target)
    .replace(/\.md$/, '')
    .replace(/(^|\/)index$/, '$1')}${rest}`
}
