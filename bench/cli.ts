import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runCommand } from '../scripts/run-command.ts'
import type { Bench, BenchOptions, Candidate } from './bench.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const floor = 'node -e 0'

/** How long the built command takes to start, from its first answer to what each command needs, against a process that does nothing. */
export async function cli({ isSmall = false }: BenchOptions): Promise<Bench> {
  for (const name of ['core', 'cli']) {
    await runCommand(join(root, 'node_modules/.bin/tsdown'), ['--no-dts'], {
      cwd: join(root, 'packages', name),
    })
  }
  const command = join(root, 'packages/cli/dist/cli.js')
  return {
    title: 'Start of the command',
    unit: 'ms',
    rounds: 30,
    candidates: [
      startOf(floor, ['-e', '0'], isSmall),
      { ...startOf('taskhook --help', [command, '--help'], isSmall), floor, target: '≤ 1.5' },
      // With the parser and the flags of every command, which each command needs.
      { ...startOf('taskhook status --help', [command, 'status', '--help'], isSmall), floor },
    ],
    note: () =>
      'A process each, from its start to its end; the code that was loaded is in the compile cache.',
    [Symbol.asyncDispose]: async () => {},
  }
}

function startOf(name: string, argv: readonly string[], isSmall: boolean): Candidate {
  const times = isSmall ? 1 : 3
  return {
    name,
    async measure() {
      const startedAt = performance.now()
      for (let time = 0; time < times; time += 1) await promisify(execFile)(process.execPath, [...argv])
      return (performance.now() - startedAt) / times
    },
  }
}
