import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))

/** Starts the command as a process of its own, whose output goes to a file if one is given. */
export function spawnCli(
  argv: readonly string[],
  env: Record<string, string> = {},
  stdout: 'pipe' | number = 'pipe',
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--conditions=taskhook-source', cli, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['pipe', stdout, 'pipe'],
  }) as ChildProcessWithoutNullStreams
}
