import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { toAbsoluteLinks } from './to-absolute-links.ts'
import { runCommand } from './run-command.ts'

const root = path.resolve(import.meta.dirname, '..')

/** A package as it is published, see {@link packPackages}. */
export interface PackedPackage {
  name: string
  version: string
  /** Where the tarball is. */
  tarball: string
  /** What is in it, with the size of each file in bytes. */
  files: readonly { path: string; size: number }[]
}

/**
 * Builds every package and packs it into a directory. pnpm resolves `workspace:` and `publishConfig`; then the links of the
 * documents are made absolute, because npm shows them on a page of its own, and npm packs the result. What is made on the way stays in
 * `work`.
 *
 * @param folders The packages. Default: all of them.
 */
export async function packPackages(
  destination: string,
  work: string,
  folders?: readonly string[],
): Promise<PackedPackage[]> {
  await mkdir(destination, { recursive: true })
  const tracked = await listTracked()
  const packed: PackedPackage[] = []
  for (const folder of folders ?? (await readdir(path.join(root, 'packages'))).toSorted()) {
    const cwd = path.join(root, 'packages', folder)
    const staging = path.join(work, 'staging', folder)
    await mkdir(staging, { recursive: true })
    await runCommand(path.join(root, 'node_modules/.bin/tsdown'), [], { cwd })
    await runCommand('npx', ['-y', 'pnpm@12', 'pack', '--out', path.join(staging, 'workspace.tgz')], { cwd })
    await runCommand('tar', ['-xf', 'workspace.tgz'], { cwd: staging })
    const unpacked = path.join(staging, 'package')
    await rewriteDocuments(unpacked, `packages/${folder}`, tracked)
    packed.push(await packWithNpm(unpacked, destination))
  }
  return packed
}

async function rewriteDocuments(
  unpacked: string,
  directory: string,
  tracked: ReadonlySet<string>,
): Promise<void> {
  const { version } = JSON.parse(await readFile(path.join(unpacked, 'package.json'), 'utf8')) as {
    version: string
  }
  for (const name of await readdir(unpacked)) {
    if (!name.endsWith('.md')) continue
    const file = path.join(unpacked, name)
    const text = await readFile(file, 'utf8')
    await writeFile(file, toAbsoluteLinks(text, { directory, tag: `v${version}`, tracked }))
  }
}

async function packWithNpm(unpacked: string, destination: string): Promise<PackedPackage> {
  const output = await runCommand(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
    {
      cwd: unpacked,
    },
  )
  const [result] = JSON.parse(output.slice(output.search(/^\[/m))) as (Omit<PackedPackage, 'tarball'> & {
    filename: string
  })[]
  if (result === undefined) throw new Error(`npm packed nothing of ${unpacked}`)
  const { name, version, filename, files } = result
  return { name, version, files, tarball: path.join(destination, filename) }
}

/** The files that Git has: a link to one that is only built, or ignored, leads nowhere on GitHub. */
async function listTracked(): Promise<Set<string>> {
  const output = await runCommand('git', ['ls-files', '-z'], { cwd: root })
  return new Set(output.split('\0'))
}
