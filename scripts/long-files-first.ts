import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Those that take more than half a minute.
const longFiles = new Set([
  'packages/outbox/src/sqlite/sqlite-ledger.test.ts',
  'packages/postgres/src/pooler-fault.test.ts',
  'packages/postgres/src/postgres-ledger.test.ts',
  'test/bench-outbox.test.ts',
  'test/demo/demo.test.ts',
])

/**
 * Begins with the files that take long. In a fresh clone, vitest knows no durations and takes large files first. But the suites of the
 * ledgers are called from very small files: they came last, and one worker ran while the other one had nothing to do.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is the sequencer's own, which makes a copy.
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project))]
    const rank = ({ project, moduleId }: TestSpecification): number =>
      2 * projects.indexOf(project) + (this.isLong(moduleId) ? 0 : 1)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }

  private isLong(moduleId: string): boolean {
    const file = path.relative(this.ctx.config.root, moduleId)
    return longFiles.has(file.replaceAll(path.sep, '/'))
  }
}
