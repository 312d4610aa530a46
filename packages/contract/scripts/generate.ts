import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generatedFiles } from '../src/documents/generated-files.ts'

// `pnpm generate` in this package, after a change of the contract; a test fails until then.
const folder = new URL('../generated/', import.meta.url)
const section = fileURLToPath(import.meta.resolve('@taskhook/sender/webhook.schema.json'))
const files = generatedFiles(JSON.parse(await readFile(section, 'utf8')) as Record<string, unknown>)
await mkdir(folder, { recursive: true })
for (const [name, content] of Object.entries(files)) {
  await writeFile(new URL(name, folder), `${JSON.stringify(content, undefined, 2)}\n`)
}
