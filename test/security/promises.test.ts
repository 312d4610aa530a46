import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const document = await readFile(path.join(root, 'SECURITY.md'), 'utf8')

/** A numbered promise, with the lines that belong to it. */
const promises = [...document.matchAll(/^(\d+)\. (.*(?:\n {2,}.*)*)/gm)].map(([, number, text = '']) => ({
  number: Number(number),
  text: text.replaceAll(/\s+/g, ' '),
}))

test('the promises are numbered, from one on', () => {
  expect(promises.length).toBeGreaterThan(10)
  expect(promises.map(({ number }) => number)).toEqual(promises.map((_, index) => index + 1))
})

test.each(promises)('promise $number names tests that are there', async ({ text }) => {
  // [file](path) “title”
  const named = [...text.matchAll(/\[[^\]]+\]\(([^)]+\.test\.ts)\) “([^”]+)”/g)]
  expect(named.length).toBeGreaterThan(0)
  for (const [, file = '', title = ''] of named) {
    const source = await readFile(path.join(root, file), 'utf8')
    expect(source.replaceAll(/\s+/g, ' ')).toContain(title)
  }
})
