import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** An outbox in a file that is deleted afterwards. */
export interface FreshFile extends AsyncDisposable {
  url: string
}

let files = 0

/** A file that is not there yet. */
export function createFreshFile(folder: string): FreshFile {
  const file = join(folder, `outbox-${(files += 1)}.db`)
  return {
    url: `sqlite:${file}`,
    async [Symbol.asyncDispose]() {
      for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true })
    },
  }
}
