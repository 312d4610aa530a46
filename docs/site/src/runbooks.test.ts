import { glob, readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')
const folder = path.join(root, 'docs/runbooks')
// Settings and types have such names too; these are what a process warns with.
const warning = /'(TASKHOOK_[A-Z_]+)'/g
const settings = /_(OUTBOX|SECRET|PASSWORD)$/

test('each warning of a package has a runbook, and each runbook is in the list', async () => {
  const codes = new Set<string>()
  for await (const file of glob('packages/*/src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts') || file.includes('/testing/')) continue
    const text = await readFile(path.join(root, file), 'utf8')
    for (const [, code = ''] of text.matchAll(warning)) if (!settings.test(code)) codes.add(code)
  }
  const names = (await readdir(folder)).filter((name) => name !== 'README.md')
  const texts = await Promise.all(names.map(async (name) => readFile(path.join(folder, name), 'utf8')))
  const list = await readFile(path.join(folder, 'README.md'), 'utf8')

  expect(codes.size).toBeGreaterThan(5)
  expect([...codes].filter((code) => !texts.some((text) => text.includes(`\`${code}\``)))).toEqual([])
  expect(names.filter((name) => !list.includes(`](${name})`))).toEqual([])
  for (const text of texts) expect(text).toMatch(/^## Symptom.*^## Why.*^## Look.*^## Do/ms)
})
