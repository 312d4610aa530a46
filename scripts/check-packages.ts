/**
 * Checks the packages as users get them: built, packed, the tarballs looked into and linted, and installed in a project
 * of their own that compiles against them under `nodenext` and runs.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkFirstScreens } from './check-first-screens.ts'
import { checkTarball } from './check-tarball.ts'
import { packPackages, type PackedPackage } from './pack-packages.ts'
import { runCommand } from './run-command.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'node_modules/.bin')
const work = await mkdtemp(path.join(tmpdir(), 'taskhook-packages-'))

try {
  const packages = await packPackages(path.join(work, 'tarballs'), work)
  for (const packed of packages) await checkTarball(packed, work)
  reportSizes(packages)
  await runConsumer(packages, path.join(work, 'consumer'))
  console.log(
    `${packages.length} packages: built, packed, linted, installed, compiled against and run; the first screens of their READMEs work`,
  )
} finally {
  await rm(work, { recursive: true, force: true })
}

function reportSizes(packages: readonly PackedPackage[]): void {
  for (const { name, files } of packages) {
    const size = (pattern: RegExp): string => {
      const bytes = files.reduce((sum, file) => sum + (pattern.test(file.path) ? file.size : 0), 0)
      return `${Math.ceil(bytes / 1000)} kB`
    }
    console.log(`${name}: ${size(/^/)} unpacked, of them ${size(/^src\/|\.map$/)} are sources and maps`)
  }
}

/** Installs the tarballs in a project that knows nothing of this workspace, compiles it and runs it. */
async function runConsumer(packages: readonly PackedPackage[], cwd: string): Promise<void> {
  await cp(path.join(root, 'test/consumer'), cwd, { recursive: true })
  const manifestFile = path.join(cwd, 'package.json')
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as {
    dependencies: Record<string, string>
  }
  const local = packages.map(({ name, tarball }) => [name, `file:${tarball}`])
  Object.assign(manifest.dependencies, Object.fromEntries(local))
  await writeFile(manifestFile, JSON.stringify(manifest))
  // The packages name each other by version, and none is published yet when this runs.
  const overrides = local.map(([name, file]) => `  '${name}': '${file}'`)
  await writeFile(path.join(cwd, 'pnpm-workspace.yaml'), ['overrides:', ...overrides, ''].join('\n'))

  await pnpm(['install', '--prefer-offline', '--ignore-scripts'], cwd)
  await runCommand(path.join(bin, 'tsc'), ['--project', 'tsconfig.json'], { cwd })
  await runCommand('node', ['main.js'], { cwd })
  await checkFirstScreens(cwd)
  await runCommand('node', ['--enable-source-maps', 'stack.mjs'], { cwd })
  // What is CommonJS there, and Jest, on the oldest Node.js that is promised too.
  for (const node of ['node', path.join(root, 'test/node_modules/node-22/bin/node')]) {
    await runCommand(node, ['require.cjs'], { cwd })
    await runCommand(node, ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'], { cwd })
  }
}

async function pnpm(args: readonly string[], cwd: string): Promise<string> {
  return runCommand('npx', ['-y', 'pnpm@12', ...args], { cwd })
}
