import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

// Where waiting for the disk costs nothing, if there is such a place: these tests commit many thousand times.
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A directory of the test's own, removed with what is in it when the test is over. */
export function createTestDirectory(): string {
  const directory = mkdtempSync(join(parent, 'taskhook-outbox-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
