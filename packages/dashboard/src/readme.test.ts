import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createTestDirectory } from '@taskhook/outbox/testing'
import { expect, test } from 'vitest'

const packageFolder = path.join(import.meta.dirname, '..')

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

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
