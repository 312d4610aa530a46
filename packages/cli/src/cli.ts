#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { exitCodes, run } = await import('./index.ts')

const interrupted = new AbortController()
process.on('SIGINT', () => {
  // Those who listen say what they have done; then it ends, whatever is under way.
  interrupted.abort()
  process.exit(exitCodes.interrupted)
})
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `taskhook … | head`: nothing reads on, so there is nothing left to do.
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
}
process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  // When it is read: to make it takes longer than most of what else is done at the start.
  get stdin() {
    return process.stdin
  },
  env: process.env,
  signal: interrupted.signal,
})
