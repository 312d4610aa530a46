import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cause, causeCodes } from './causes.ts'

const guide = join(import.meta.dirname, '../../../../../docs/signature-mismatch.md')

test('the guide has every cause and its fix, as the command says them', async () => {
  const text = (await readFile(guide, 'utf8')).replaceAll(/\s+/g, ' ')
  for (const code of causeCodes) {
    const { found, fix } = cause(code)
    expect(text).toContain(`- \`${code}\`: ${found} ${fix}`)
  }
  const documented = new Set(Array.from(text.matchAll(/- `([a-z0-9_]+)`:/g), ([, code]) => code))
  expect(documented).toEqual(new Set(causeCodes))
})
