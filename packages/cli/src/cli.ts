#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { exitCodes } from './exit-codes.ts'
import { fixedAnswer } from './fixed-answer.ts'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `taskhook … | head`: nothing reads on, so there is nothing left to do.
    if (error.code === 'EPIPE') process.exit()
    if (stream === process.stdout) process.stderr.write(`taskhook: output_unwritable: ${error.message}\n`)
    process.exit(exitCodes.unwritable)
  })
}
const argv = process.argv.slice(2)
const answer = fixedAnswer(argv, process)
if (answer === undefined) await runCommand()
else process.stdout.write(answer)

async function runCommand(): Promise<void> {
  enableCompileCache()
  const { run } = await import('./index.ts')

  const interrupted = new AbortController()
  process.on('SIGINT', () => {
    // Those who listen say what they have done; then it ends, whatever is under way.
    interrupted.abort()
    process.exit(exitCodes.interrupted)
  })
  process.exitCode = await run(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    // When it is read: to make it takes longer than most of what else is done at the start.
    get stdin() {
      return process.stdin
    },
    env: process.env,
    signal: interrupted.signal,
  })
}
