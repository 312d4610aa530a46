import { writeFile } from 'node:fs/promises'
import { webHookJsonSchema } from '../src/config/web-hook/json-schema.ts'

// `pnpm generate` in this package, after a change of the rules; a test fails until then.
const file = new URL('../webhook.schema.json', import.meta.url)
await writeFile(file, `${JSON.stringify(webHookJsonSchema(), undefined, 2)}\n`)
