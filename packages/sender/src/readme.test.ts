import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { outboxFile } from './testing/sender.ts'
import { findFreePort } from '../../../scripts/find-free-port.ts'

const packageFolder = join(import.meta.dirname, '..')

test("the README's first script delivers what it sends, and ends by itself", async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8')
  const [, script = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? []
  const source = script
    .replaceAll('3000', String(await findFreePort()))
    .replace('sqlite:taskhook.db', `sqlite:${await outboxFile()}`)
  // There a package finds itself by its name.
  const child = spawn(
    process.execPath,
    ['--conditions=taskhook-source', '--input-type=module-typescript', '--eval', source],
    { cwd: packageFolder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^POST \/automation [0-9a-f]{64}$/m)
  expect(stdout).toContain("state: 'delivered'")
})
