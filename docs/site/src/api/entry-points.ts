import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** Something that users import: `@taskhook/core/testing`. */
export interface EntryPoint {
  readonly name: string
  /** The source file behind it. */
  readonly file: string
  /** The folder of its package, in `packages/`. */
  readonly folder: string
  /** The name of its page, without `.md`. */
  readonly page: string
}

interface PackageManifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { 'taskhook-source'?: string }>>
  readonly publishConfig: { exports: Readonly<Record<string, string>> }
}

/**
 * All that users can import from the packages in `folder`. A package comes after those it depends on, because a type that several of
 * them export is documented with the first.
 */
export function findEntryPoints(folder: string): EntryPoint[] {
  const manifests = new Map(
    readdirSync(folder).map((name) => {
      const directory = path.join(folder, name)
      const manifest = JSON.parse(
        readFileSync(path.join(directory, 'package.json'), 'utf8'),
      ) as PackageManifest
      return [manifest.name, { manifest, directory }]
    }),
  )
  const found: EntryPoint[] = []
  const visited = new Set<string>()
  for (const name of manifests.keys()) visit(name)
  return found

  function visit(name: string): void {
    const entry = manifests.get(name)
    if (entry === undefined || visited.has(name)) return
    visited.add(name)
    for (const dependency of Object.keys(entry.manifest.dependencies ?? {})) visit(dependency)
    found.push(...listEntries(entry.manifest, entry.directory))
  }
}

/** What is published of a package, with its sources. A `./testing` that is for this repository alone is not published. */
function listEntries({ name, exports, publishConfig }: PackageManifest, directory: string): EntryPoint[] {
  return Object.entries(publishConfig.exports)
    .filter(([, built]) => built.endsWith('.js'))
    .map(([entry]) => {
      const target = exports[entry]
      const source = typeof target === 'object' ? target['taskhook-source'] : undefined
      if (source === undefined) throw new Error(`${name} has no source for its entry ${entry}`)
      const folder = path.basename(directory)
      return {
        name: path.posix.join(name, entry),
        file: path.join(directory, source),
        folder,
        page: path.posix.join(folder, entry).replaceAll('/', '-'),
      }
    })
}
