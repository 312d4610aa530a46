/** Writes `docs/errors/` from the tables in `src/errors/`. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { renderErrorPages } from '../src/errors/render-error-pages.ts'

const folder = path.resolve(import.meta.dirname, '../../errors')
await rm(folder, { recursive: true, force: true })
await mkdir(folder)
for (const [name, text] of renderErrorPages()) await writeFile(path.join(folder, name), text)
