import { writeFile } from 'node:fs/promises'
import { run } from '../src/run.ts'

// `pnpm generate` in this package, after a change of what the help shows; a test fails until then.
let help = ''
await run(['--help'], {
  stdout: { isTTY: true, getColorDepth: () => 4, write: (text) => void (help += text) },
  stderr: process.stderr,
  stdin: process.stdin,
  env: {},
})
const text = JSON.stringify(help).replaceAll('\u001b', String.raw`\u001b`)
await writeFile(
  new URL('../src/help-text.ts', import.meta.url),
  `// Generated, see scripts/generate-help-text.ts.\n\n/** The help of the command as a terminal with colours shows it. */\nexport const helpText: string = ${text}\n`,
)
