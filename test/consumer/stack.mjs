// With `--enable-source-maps` a stack names the sources, which are in the package.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createVerifier } from '@taskhook/core'

let stack = ''
try {
  createVerifier({ secret: '' })
} catch (error) {
  stack = error.stack
}
const [, source] = /(?:file:\/\/)?(\/[^\s()]*\/src\/[a-z-]+\.ts):\d+:\d+/.exec(stack) ?? []
assert.ok(source, `the stack leads to no source:\n${stack}`)
assert.ok(existsSync(fileURLToPath(`file://${source}`)), `${source} is not there`)
