import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** How a program ended, and all that it printed. */
export interface Finished {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Where a program runs, and what it finds in its environment besides what is there; `undefined` takes a variable away. */
export interface RunOptions {
  cwd: string
  env?: NodeJS.ProcessEnv
}

/** Runs a program of the repository with this Node.js, from the sources of the packages, until it ends. */
export async function runNode(
  programArguments: readonly string[],
  { cwd, env }: RunOptions,
): Promise<Finished> {
  const child = spawn(process.execPath, ['--conditions=taskhook-source', ...programArguments], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // As for all tests, against hanging.
    timeout: 120_000,
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { exitCode, stdout, stderr }
}
