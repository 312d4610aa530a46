import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file that pages load. */
export interface Asset {
  contentType: string
  body: string
}

const types = {
  'dashboard.css': 'text/css; charset=utf-8',
  'dashboard.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

// Real files rather than strings: editors, linters and the formatter know them. They are copied beside the bundle.
const assets: ReadonlyMap<string, Asset> = new Map(
  Object.entries(types).map(([name, contentType]) => [
    name,
    { contentType, body: readFileSync(new URL(`${assetFolder()}/${name}`, import.meta.url), 'utf8') },
  ]),
)

/** Changes with the files, so that browsers may cache them without a limit. */
export const assetVersion: string = createHash('sha256')
  .update([...assets.values()].map(({ body }) => body).join('\0'))
  .digest('base64url')
  .slice(0, 12)

/** The file of a name; `undefined` when there is none. */
export function findAsset(name: string): Asset | undefined {
  return assets.get(name)
}

// This module is in the folder of the files, its bundle above it.
function assetFolder(): string {
  return import.meta.url.endsWith('/assets/assets.ts') ? '.' : './assets'
}
