import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

async function bench(...parameters: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=taskhook-source', 'bench/run.ts', ...parameters],
    { cwd: root },
  )
  return stdout
}

test('the verify bench prints a Markdown table that compares us with the check by hand', async () => {
  const lines = (await bench('verify', '--rounds', '1')).split('\n')
  expect(lines).toContainEqual(expect.stringMatching(/^\| by hand \| {2}\| 1 \| {2}\| [\d,]+ \| {2}\|$/))
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^\| @taskhook\/core \| by hand \| \*\*\d+\.\d\d\*\* \| \d.* \| [\d,]+ \| ≤ 1\.25 \|$/,
    ),
  )
})

test('a bench that does not exist is an error that names those that do', async () => {
  await expect(bench('verfy')).rejects.toThrow('there is no bench "verfy", but verify, adapters, attempt')
})
