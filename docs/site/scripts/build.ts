/** Builds the site: the pages of the API from the sources, and all pages as HTML. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'vitepress'
import { findEntryPoints } from '../src/api/entry-points.ts'
import { writeApiPages } from '../src/api/write-api-pages.ts'

const site = path.resolve(import.meta.dirname, '..')
const root = path.resolve(site, '../..')
const folder = path.join(root, 'docs/api')

await rm(folder, { recursive: true, force: true })
await writeApiPages(findEntryPoints(path.join(root, 'packages')), {
  folder,
  root,
  tsconfig: path.join(site, 'tsconfig.api.json'),
})
await build(site)
