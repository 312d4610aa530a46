import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { endWithProcess } from './end-with-process.ts'

/** Makes a directory that is removed when this process is no more. */
export function makeProcessDirectory(parent: string): string {
  const directory = mkdtempSync(join(parent, 'taskhook-postgres-'))
  const watchdog = endWithProcess(directory)
  process.once('exit', () => {
    watchdog?.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  return directory
}
