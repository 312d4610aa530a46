import { cp, glob, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from '../../scripts/run-command.ts'

const root = path.resolve(import.meta.dirname, '../..')
let copy = ''

beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'taskhook-changelogs-'))
  const patterns = ['package.json', 'pnpm-*.yaml', '.changeset/*', 'packages/*/{package.json,CHANGELOG.md}']
  for await (const file of glob(patterns, { cwd: root })) {
    await cp(path.join(root, file), path.join(copy, file))
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction')
  await runCommand('git', ['init', '--quiet'], { cwd: copy })
  const changesets = path.join(root, 'node_modules/@changesets/cli/bin.js')
  await runCommand(process.execPath, [changesets, 'version'], { cwd: copy })
})
afterAll(() => rm(copy, { recursive: true, force: true }))

test('a release of what is here gives all packages one version, and each a changelog for its readers', async () => {
  const versions = new Set<string>()
  for await (const file of glob('packages/*/package.json', { cwd: copy })) {
    const directory = path.join(copy, path.dirname(file))
    const manifest = JSON.parse(await readFile(path.join(copy, file), 'utf8')) as {
      name: string
      version: string
    }
    versions.add(manifest.version)
    const changelog = await readFile(path.join(directory, 'CHANGELOG.md'), 'utf8')
    expect(changelog.startsWith(`# ${manifest.name}\n\n## ${manifest.version}\n\n###`)).toBe(true)
    // Hashes of commits and the versions of siblings say nothing to a reader.
    expect(changelog).not.toMatch(/^- (?:[0-9a-f]{7}:|Updated dependencies)/m)
  }
  expect(versions.size).toBe(1)
})
