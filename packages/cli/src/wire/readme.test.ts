import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { findFreePort } from '../../../../scripts/find-free-port.ts'

const packageFolder = join(import.meta.dirname, '../..')

test('the commands on the wire in the README do what it says', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8')
  const [, section = ''] = /^## On the wire\n(.*?)^## /ms.exec(readme) ?? []
  const scripts = Array.from(section.matchAll(/^```sh\n(.*?)^```$/gms), ([, one = '']) => one)
  const script = `${scripts.join('\n')}\nwait\n`
    .replaceAll('3000', String(await findFreePort()))
    .replaceAll('sleep 1', ':')
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-cli-'))
  const cli = `"${process.execPath}" --conditions=taskhook-source "${join(packageFolder, 'src/cli.ts')}"`
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', `taskhook() { ${cli} "$@"; }\n${script}`], {
      cwd: folder,
    }).catch((error: unknown) => error as { stdout: string })
    expect(stdout).toMatch(/^verified OrderSigned of task 07c6ad8c /m)
    expect(stdout).toMatch(/^ {2}secret_hidden_characters: /m)
    expect(stdout).toMatch(/^delivered OrderAccepted of task [\w-]+: 204 /m)
    expect(stdout).toMatch(/ verified OrderAccepted of task [\w-]+ .* -> 204$/m)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
