import { glob, readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorGroups } from './error-pages.ts'
import { renderErrorPages } from './render-error-pages.ts'

const root = path.resolve(import.meta.dirname, '../../../..')
const folder = path.join(root, 'docs/errors')
const codes = errorGroups.flatMap(({ pages }) => Object.keys(pages))

describe('the pages of error codes', () => {
  test('are what the table says: run `pnpm --filter taskhook-site generate`', async () => {
    const rendered = renderErrorPages()
    expect((await readdir(folder)).toSorted()).toEqual([...rendered.keys()].toSorted())
    for (const [name, text] of rendered) expect(await readFile(path.join(folder, name), 'utf8')).toBe(text)
  })

  test('are one for each code', () => {
    expect(new Set(codes).size).toBe(codes.length)
  })

  // The compiler sees the codes of each class. These are in no type: errors of the base class, and the codes of attempts.
  test('are there for every code that a source file of a package writes down', async () => {
    const written = new Set<string>()
    for await (const file of glob('packages/*/src/**/*.ts', { cwd: root })) {
      if (/\.test\.ts$|\/testing|testing-/.test(file)) continue
      const text = (await readFile(path.join(root, file), 'utf8')).replaceAll(/^\s*(\*|\/\/).*$/gm, '')
      const made =
        /(?:new (?:Taskhook|Webhook|Outbox|Config|KeyStore|KeyStoreFormat|Attempt|Command)Error\(\s*|errorCode: )'([a-z_]+)'/g
      for (const [, code = ''] of text.matchAll(made)) written.add(code)
    }
    expect(written.size).toBeGreaterThan(20)
    expect([...written].filter((code) => !codes.includes(code))).toEqual([])
  })

  test('say what to do, and end their sentences', () => {
    const texts = errorGroups.flatMap(({ pages }) => Object.entries(pages))
    expect(texts.filter(([, { remedies }]) => remedies.length === 0)).toEqual([])
    const sentences = texts.flatMap(([code, { means, remedies }]) =>
      [means, ...remedies].map((text) => ({ code, text })),
    )
    expect(sentences.filter(({ text }) => !/[.?`]$/.test(text))).toEqual([])
  })
})
