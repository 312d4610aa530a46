import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createTestDirectory } from '@taskhook/outbox/testing'
import { expect, test } from 'vitest'
import { findFreePort } from '../../../scripts/find-free-port.ts'

const packageFolder = path.join(import.meta.dirname, '..')

test("the README's first script serves a page to its own address alone", async () => {
  const readme = await readFile(path.join(packageFolder, 'README.md'), 'utf8')
  const [, script = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
  const file = path.join(createTestDirectory(), 'taskhook.db')
  const source = script
    .replaceAll('3000', String(await findFreePort()))
    .replace('sqlite:taskhook.db', `sqlite:${file}`)
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', '--input-type=module-typescript', '--eval', source],
    // There a package finds itself by its name.
    { cwd: packageFolder, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const address = String((await lines.next()).value)
    const page = await fetch(address)
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('Nothing is broken') as string,
    ])
    expect((await fetch(address.replace('127.0.0.1', 'localhost'))).status).toBe(403)
  } finally {
    child.kill()
  }
})
