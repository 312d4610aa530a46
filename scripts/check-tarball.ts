import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { PackedPackage } from './pack-packages.ts'
import { runCommand } from './run-command.ts'

const bin = path.resolve(import.meta.dirname, '../node_modules/.bin')
const repositoryUrl = 'https://github.com/taskhook/taskhook'
const everyPackage = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']
// What the package of pages may weigh unpacked, beside its dependencies. Maps and sources would be more than all of it.
const mostBytes: Readonly<Record<string, number>> = { '@taskhook/dashboard': 100_000 }

/**
 * Checks a package as users get it: what is in the tarball, what its manifest says, and that both can be used. It is unpacked
 * into `work`.
 */
export async function checkTarball(packed: PackedPackage, work: string): Promise<void> {
  const unpacked = await unpack(packed.tarball, work)
  const problems = [
    ...findFileProblems(packed),
    ...(await findManifestProblems(unpacked)),
    ...(await findMapProblems(packed, unpacked)),
  ]
  if (problems.length > 0) throw new Error(`${packed.name}:\n  ${problems.join('\n  ')}`)
  await runCommand(path.join(bin, 'publint'), ['run', '--strict', packed.tarball])
  const attwOptions = ['--profile', 'esm-only', '--exclude-entrypoints', 'webhook.schema.json', './*.json']
  await runCommand(path.join(bin, 'attw'), [...attwOptions, '--', packed.tarball])
}

async function unpack(tarball: string, work: string): Promise<string> {
  const directory = path.join(work, path.basename(tarball, '.tgz'))
  await mkdir(directory)
  await runCommand('tar', ['-xf', tarball, '-C', directory])
  return path.join(directory, 'package')
}

function isExpected(file: string): boolean {
  return everyPackage.includes(file) || file.startsWith('dist/') || /^src\/.+\.ts$/.test(file)
}

function isOfTests(file: string): boolean {
  return /\.test\.ts$|\/testing\/|\/test-[^/]*$/.test(file)
}

function findFileProblems({ name, files }: PackedPackage): string[] {
  const paths = files.map((file) => file.path)
  const weight = files.reduce((sum, { size }) => sum + size, 0)
  const limit = mostBytes[name] ?? Infinity
  return [
    ...paths.filter((file) => !isExpected(file)).map((file) => `${file} is not to be published`),
    ...paths.filter((file) => isOfTests(file)).map((file) => `${file} is of tests`),
    ...everyPackage.filter((file) => !paths.includes(file)).map((file) => `${file} is missing`),
    ...(weight > limit ? [`${weight} bytes unpacked are more than ${limit}`] : []),
  ]
}

interface Manifest {
  description?: string
  license?: string
  author?: string
  homepage?: string
  bugs?: { url?: string }
  keywords?: string[]
  engines?: { node?: string }
  repository?: { type?: string; url?: string; directory?: string }
  publishConfig?: { access?: string; provenance?: boolean }
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  exports?: unknown
}

async function findManifestProblems(unpacked: string): Promise<string[]> {
  const text = await readFile(path.join(unpacked, 'package.json'), 'utf8')
  const manifest = JSON.parse(text) as Manifest
  const { repository, publishConfig, keywords = [], scripts = {} } = manifest
  const directory = repository?.directory ?? ''
  const installScripts = ['preinstall', 'install', 'postinstall', 'prepare'].filter(
    (script) => script in scripts,
  )
  const checks: readonly [isRight: boolean, problem: string][] = [
    [/^packages\/[a-z]+$/.test(directory), 'repository.directory is not its folder'],
    [repository?.url === `git+${repositoryUrl}.git`, 'repository.url is another'],
    [manifest.homepage === `${repositoryUrl}/tree/main/${directory}#readme`, 'homepage is another'],
    [manifest.bugs?.url === `${repositoryUrl}/issues`, 'bugs.url is another'],
    [manifest.author === 'The taskhook authors', 'author is another'],
    [manifest.license === 'MIT', 'license is another'],
    [(manifest.description ?? '').length > 20, 'description says nothing'],
    [keywords.length >= 5 && keywords.includes('webhooks'), 'keywords do not let it be found'],
    [manifest.engines?.node === '>=22.13', 'engines.node is not what is promised'],
    [publishConfig?.access === 'public', 'publishConfig.access is not public'],
    [publishConfig?.provenance === true, 'publishConfig.provenance is not on'],
    [installScripts.length === 0, `runs ${installScripts.join(', ')} when it is installed`],
    [!text.includes('workspace:'), 'depends on what only this workspace has'],
    [!text.includes('catalog:'), 'depends on what only this workspace has'],
    [!JSON.stringify(manifest.exports).includes('taskhook-source'), 'exports its sources'],
    [!/\]\((?!https?:|mailto:|#)/.test(await readDocuments(unpacked)), 'a document has a relative link'],
  ]
  return checks.filter(([isRight]) => !isRight).map(([, problem]) => problem)
}

async function readDocuments(unpacked: string): Promise<string> {
  const texts = ['README.md', 'CHANGELOG.md'].map((file) => readFile(path.join(unpacked, file), 'utf8'))
  return (await Promise.all(texts)).join('\n').replaceAll(/^```.*?^```$/gms, '')
}

/** Every JavaScript file and declaration leads to a source that is in the package too. */
async function findMapProblems({ name, files }: PackedPackage, unpacked: string): Promise<string[]> {
  if (name in mostBytes) return []
  const paths = new Set(files.map((file) => file.path))
  const problems: string[] = []
  for (const file of paths) {
    if (!/^dist\/.*\.(js|d\.ts)$/.test(file)) continue
    // A file that only exports what others have is mapped by them.
    if (!paths.has(`${file}.map`)) {
      const code = await readFile(path.join(unpacked, file), 'utf8')
      if (!/^(import .*\n)*export \{[^}]*\}( from ".*")?;?\n*$/.test(code))
        problems.push(`${file} has no map`)
      continue
    }
    const map = JSON.parse(await readFile(path.join(unpacked, `${file}.map`), 'utf8')) as {
      sources: string[]
    }
    for (const source of map.sources) {
      const target = path.posix.join(path.posix.dirname(file), source)
      if (!paths.has(target)) problems.push(`${file} leads to ${target}, which is not packed`)
    }
  }
  return problems
}
