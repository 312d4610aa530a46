import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDeadAnchors } from './dead-anchors.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'taskhook-site-'))
  await mkdir(path.join(directory, 'docs'))
  await writeFile(path.join(directory, 'index.html'), '<h2 id="start">Start</h2>')
  await writeFile(path.join(directory, 'docs/index.html'), '<h2 id="guides">Guides</h2>')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function findDeadLinksOf(html: string): Promise<string[]> {
  await writeFile(path.join(directory, 'docs/page.html'), html)
  return findDeadAnchors(directory)
}

test('a link to a heading that is there is no fault', async () => {
  const html = `<h2 id="größe">x</h2><a href="#gr%C3%B6%C3%9Fe">a</a><a href="/#start">b</a><a class="x" href="/docs/#guides">c</a>`
  expect(await findDeadLinksOf(html)).toEqual([])
})

test('a link to a heading that is not there is found, on its own page and on another', async () => {
  expect(await findDeadLinksOf('<a href="#lost">a</a><a href="/docs/#start">b</a>')).toEqual([
    '/docs/page links to #lost',
    '/docs/page links to /docs/#start',
  ])
})

test('links to other sites, and to no heading at all, are left alone', async () => {
  expect(await findDeadLinksOf('<a href="https://www.example.org/#x">a</a><a href="#">b</a>')).toEqual([])
})
