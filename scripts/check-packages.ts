/**
 * Checks the packages as users get them: built, packed, the tarballs looked into and linted, and installed in a project
 * of their own that compiles against them under `nodenext` and runs.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkFirstScreens } from './check-first-screens.ts'
import { runCommand } from './run-command.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'node_modules/.bin')
const work = await mkdtemp(path.join(tmpdir(), 'taskhook-packages-'))
// What the package of pages may weigh unpacked, beside its dependencies.
const mostBytes: Readonly<Record<string, number>> = { 'taskhook-dashboard': 100_000 }

try {
  const tarballs = await packAll(path.join(work, 'tarballs'))
  for (const tarball of Object.values(tarballs)) await lint(tarball)
  await runConsumer(tarballs, path.join(work, 'consumer'))
  console.log(
    `${Object.keys(tarballs).length} packages: built, packed, linted, installed, compiled against and run; the first screens of their READMEs work`,
  )
} finally {
  await rm(work, { recursive: true, force: true })
}

/** Builds and packs every package; resolves to the tarballs by package name. */
async function packAll(destination: string): Promise<Record<string, string>> {
  await mkdir(destination)
  const tarballs: Record<string, string> = {}
  for (const folder of await readdir(path.join(root, 'packages'))) {
    const cwd = path.join(root, 'packages', folder)
    await runCommand(path.join(bin, 'tsdown'), [], { cwd })
    const output = await pnpm(['pack', '--json', '--pack-destination', destination], cwd)
    const { name, filename } = JSON.parse(output.slice(output.indexOf('{'))) as {
      name: string
      filename: string
    }
    tarballs[name] = path.resolve(destination, filename)
  }
  return tarballs
}

async function checkWeight(tarball: string): Promise<void> {
  const limit = mostBytes[path.basename(tarball).replace(/-\d.*$/, '')]
  if (limit === undefined) return
  const listing = await runCommand('tar', ['--list', '--verbose', '--file', tarball])
  const sizes = listing.matchAll(/^-\S+\s+\S+\s+(\d+)/gm)
  const weight = [...sizes].reduce((sum, [, size]) => sum + Number(size), 0)
  if (weight > limit) throw new Error(`${tarball} weighs ${weight} bytes unpacked, and may weigh ${limit}`)
}

async function lint(tarball: string): Promise<void> {
  await checkWeight(tarball)
  const contents = await runCommand('tar', ['--list', '--file', tarball])
  const unexpected = contents
    .split('\n')
    .filter((file) => file !== '' && !/^package\/(dist\/.+|README\.md|LICENSE|package\.json)$/.test(file))
  if (unexpected.length > 0) throw new Error(`${tarball} holds ${unexpected.join(', ')}`)
  for (const file of ['package/README.md', 'package/LICENSE']) {
    if (!contents.includes(file)) throw new Error(`${tarball} has no ${file}`)
  }
  await runCommand(path.join(bin, 'publint'), ['run', '--strict', tarball])
  const attwOptions = ['--profile', 'esm-only', '--exclude-entrypoints', 'webhook.schema.json', './*.json']
  await runCommand(path.join(bin, 'attw'), [...attwOptions, '--', tarball])
}

/** Installs the tarballs in a project that knows nothing of this workspace, compiles it and runs it. */
async function runConsumer(tarballs: Record<string, string>, cwd: string): Promise<void> {
  await cp(path.join(root, 'test/consumer'), cwd, { recursive: true })
  const manifestFile = path.join(cwd, 'package.json')
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as {
    dependencies: Record<string, string>
  }
  const local = Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`])
  Object.assign(manifest.dependencies, Object.fromEntries(local))
  await writeFile(manifestFile, JSON.stringify(manifest))
  // The packages name each other by version, and none is published yet when this runs.
  const overrides = local.map(([name, file]) => `  '${name}': '${file}'`)
  await writeFile(path.join(cwd, 'pnpm-workspace.yaml'), ['overrides:', ...overrides, ''].join('\n'))

  await pnpm(['install', '--prefer-offline', '--ignore-scripts'], cwd)
  await runCommand(path.join(bin, 'tsc'), ['--project', 'tsconfig.json'], { cwd })
  await runCommand('node', ['main.js'], { cwd })
  await checkFirstScreens(cwd)
  // What is CommonJS there, and Jest, on the oldest Node.js that is promised too.
  for (const node of ['node', path.join(root, 'test/node_modules/node-22/bin/node')]) {
    await runCommand(node, ['require.cjs'], { cwd })
    await runCommand(node, ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'], { cwd })
  }
}

async function pnpm(args: readonly string[], cwd: string): Promise<string> {
  return runCommand('npx', ['-y', 'pnpm@12', ...args], { cwd })
}
