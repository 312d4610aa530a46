import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The links of a built site that lead to a page, but to no heading of it. VitePress itself looks for the page only. */
export function findDeadAnchors(directory: string): string[] {
  const files = globSync('**/*.html', { cwd: directory })
  const pages = new Map(
    files.map((file) => [toAddress(file), readFileSync(path.join(directory, file), 'utf8')]),
  )
  const anchors = new Map([...pages].map(([address, html]) => [address, readAnchors(html)]))
  const dead = new Set<string>()
  for (const [address, html] of pages) {
    for (const [, link = ''] of html.matchAll(/<a [^>]*href="([^"]*#[^"]*)"/g)) {
      const { origin, pathname, hash } = new URL(link, `${site}${address}`)
      if (origin !== site || hash === '') continue
      if (anchors.get(pathname)?.has(decodeURIComponent(hash.slice(1))) === false)
        dead.add(`${address} links to ${link}`)
    }
  }
  return [...dead]
}

// Not an address of anything: links within the site have none.
const site = 'http://site.invalid'

function toAddress(file: string): string {
  return `/${file.replaceAll(path.sep, '/').replace(/(^|\/)index\.html$|\.html$/, '$1')}`
}

function readAnchors(html: string): Set<string> {
  return new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id))
}
