import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Files that are there until the test is over; their paths. */
export async function writeFiles(...contents: readonly (string | Buffer)[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return Promise.all(
    contents.map(async (content, index) => {
      const file = join(folder, `file-${index}`)
      await writeFile(file, content)
      return file
    }),
  )
}
