import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const packageFolder = join(import.meta.dirname, '../..')

test('the commands on the wire in the README do what it says', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8')
  const [, script = ''] = /^## On the wire\n.*?^```sh\n(.*?)^```$/ms.exec(readme) ?? []
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-cli-'))
  const cli = `"${process.execPath}" --conditions=taskhook-source "${join(packageFolder, 'src/cli.ts')}"`
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', `taskhook() { ${cli} "$@"; }\n${script}`], {
      cwd: folder,
    }).catch((error: unknown) => error as { stdout: string })
    expect(stdout).toMatch(/^verified OrderSigned of task 07c6ad8c /m)
    expect(stdout).toMatch(/^ {2}secret_hidden_characters: /m)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
