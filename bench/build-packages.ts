import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../scripts/run-command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds what an installed sender is made of, without declarations, so that a process without flags imports it as its users do. */
export async function buildPackages(): Promise<void> {
  for (const name of ['core', 'outbox', 'sender']) {
    await runCommand(join(root, 'node_modules/.bin/tsdown'), ['--no-dts'], {
      cwd: join(root, 'packages', name),
    })
  }
}
