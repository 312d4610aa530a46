import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { parseConfig } from '@taskhook/sender'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '../scripts/find-free-port.ts'
import { findSnippets } from '../scripts/find-snippets.ts'

const root = path.resolve(import.meta.dirname, '..')
// Beside the tests, so that snippets find the packages that they import.
const work = path.join(import.meta.dirname, '.tmp')

const files = await Array.fromAsync(
  glob(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md', 'bench/README.md'], {
    cwd: root,
    // The pages of the API are generated; their examples are tested where they are written.
    exclude: ['**/node_modules/**', 'docs/api/**'],
  }),
)
const documents = await Promise.all(
  files.map(async (file) => ({ file, text: await readFile(path.join(root, file), 'utf8') })),
)

beforeAll(async () => {
  await rm(work, { recursive: true, force: true })
  await mkdir(work)
})
afterAll(() => rm(work, { recursive: true, force: true }))

describe('the documentation', () => {
  test('has TypeScript that compiles', async () => {
    let count = 0
    for (const { file, text } of documents) {
      for (const code of findSnippets(text, 'ts')) {
        count += 1
        // The name leads back to the document when the compiler complains.
        const name = `${file.replaceAll(/[^\w]/g, '-')}-${count}.ts`
        await writeFile(path.join(work, name), code)
      }
    }
    const config = {
      extends: '../../tsconfig.base.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false, experimentalDecorators: true },
    }
    await writeFile(path.join(work, 'tsconfig.json'), JSON.stringify(config))

    expect(count).toBeGreaterThan(10)
    const tsc = path.join(root, 'node_modules/.bin/tsc')
    await expect(promisify(execFile)(tsc, ['--project', work])).resolves.toEqual({ stdout: '', stderr: '' })
  })

  test('has configuration that is valid', () => {
    const sections = documents
      .flatMap(({ text }) => findSnippets(text, 'json'))
      .map((code) => JSON.parse(code) as { webHook?: unknown })
      .filter(({ webHook }) => webHook !== undefined)

    expect(sections.length).toBeGreaterThan(0)
    for (const { webHook } of sections) {
      const env = new Proxy(
        {},
        { get: () => 'a value', has: () => true, getOwnPropertyDescriptor: () => set },
      )
      expect(() => parseConfig(webHook, { env })).not.toThrow()
    }
  })

  test.each(documents)('links only to what is there: $file', ({ file, text }) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links
      .filter((link) => !/^(https?:|#)/.test(link))
      .map((link) => link.replace(/#.*/, ''))
      .filter((link) => !existsSync(path.join(root, path.dirname(file), link)))
    expect(broken).toEqual([])
  })
})

const set: PropertyDescriptor = { value: 'a value', enumerable: true, configurable: true }

describe('the first screen of the README', () => {
  test('is a working receiver when it is copied', async () => {
    const readme = await readFile(path.join(root, 'README.md'), 'utf8')
    const [receiver = '', send = ''] = findSnippets(readme, 'js')
    const port = await findFreePort()
    await writeFile(path.join(work, 'receiver.mjs'), receiver.replaceAll('3000', String(port)))
    await writeFile(path.join(work, 'send.mjs'), send.replaceAll('3000', String(port)))

    const running = run('receiver.mjs')
    try {
      const lines = createInterface({ input: running.stdout! })[Symbol.asyncIterator]()
      expect((await lines.next()).value).toBe(`listening on http://127.0.0.1:${port}/automation`)
      const sent = run('send.mjs')
      const [status] = await Array.fromAsync(createInterface({ input: sent.stdout! }))
      expect(status).toBe('204')
      expect((await lines.next()).value).toMatch(/^OrderSigned [0-9a-f-]{36}$/)
    } finally {
      running.kill()
    }
  })
})

function run(file: string): ChildProcess {
  return spawn(process.execPath, ['--conditions=taskhook-source', path.join(work, file)], {
    env: { ...process.env, WEBHOOK_SECRET: 'correct horse battery staple' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
