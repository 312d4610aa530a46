import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '@taskhook/outbox'
import type { Ledger } from '@taskhook/outbox/ledger'
import { afterAll, beforeAll } from 'vitest'

/** An outbox in a file, for the tests of one file. */
export interface TestOutbox {
  readonly url: string
  /** What a command line has to say for it. */
  readonly flags: readonly string[]
  readonly ledger: Ledger
}

/** Makes an outbox and fills it before the tests of this file, and removes it after them. */
export function useTestOutbox(fill: (ledger: Ledger) => Promise<void>): TestOutbox {
  let url = ''
  let folder = ''
  let ledger: Ledger | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskhook-cli-'))
    url = `sqlite:${join(folder, 'outbox.db')}`
    ledger = await openLedger(url)
    await fill(ledger)
  })
  afterAll(async () => {
    await ledger?.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    get url() {
      return url
    },
    get flags() {
      return ['--outbox', url]
    },
    get ledger() {
      return ledger!
    },
  }
}
