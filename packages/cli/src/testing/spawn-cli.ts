import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))

/** Starts the command as a process of its own. */
export function spawnCli(
  argv: readonly string[],
  env: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--conditions=taskhook-source', cli, ...argv], {
    env: { ...process.env, ...env },
  })
}
